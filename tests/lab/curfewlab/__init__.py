# SPDX-License-Identifier: Apache-2.0
# The lab: real Debian hosts in containers on one machine, on a network of their own.
# Nothing here touches the machine's own network, users or services.
