// SPDX-License-Identifier: Apache-2.0
// What a process at rest need not hold.
#pragma once

namespace curfew {

/// Gives back freed heap (malloc_trim(3)) and lets go of program text, which is mapped again from the page cache, a few
/// microseconds a page, when it next runs (madvise(2), MADV_DONTNEED). Nothing that was written is lost.
void ReleaseIdleMemory();

}  // namespace curfew
