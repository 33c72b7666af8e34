// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM as something to wait for: while this lives they end nothing, they make Descriptor() readable.
#pragma once

#include "cli/halt.h"
#include "os/file_descriptor.h"

namespace curfew {

class Interrupt {
 public:
  [[nodiscard]] static Answer<Interrupt> Catch();
  Interrupt(Interrupt&& other) noexcept = default;
  Interrupt& operator=(Interrupt&&) = delete;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();
  [[nodiscard]] int Descriptor() const { return descriptor_.Get(); }

 private:
  explicit Interrupt(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}
  FileDescriptor descriptor_;
};

}  // namespace curfew
