// SPDX-License-Identifier: Apache-2.0
// Wakes the loop when a file it answers for changes, or a session's control group empties. Only a cause to look: what is
// missed here is seen by the tick.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "agent/paths.h"
#include "os/inotify.h"

namespace curfew {

class Watcher {
 public:
  struct Causes {
    std::function<void()> files;     ///< something of ours, or a session
    std::function<void()> identity;  ///< /etc/curfew
    std::function<void()> users;     ///< /etc/passwd
  };
  Watcher(boost::asio::io_context& loop, Inotify inotify, Paths paths)
      : inotify_(std::move(inotify)), ready_(loop, inotify_.Number()), paths_(std::move(paths)) {}
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher() { static_cast<void>(ready_.release()); }

  void Start(Causes causes);
  /// Watches again what was made anew; called each turn.
  void Renew();
  /// Exactly these files are watched for a change of content.
  void Follow(const std::set<std::string>& files);

 private:
  void Wait();
  void Take();
  [[nodiscard]] const std::function<void()>* CauseOf(const FileChange& change) const;

  Inotify inotify_;
  boost::asio::posix::stream_descriptor ready_;
  Paths paths_;
  Causes causes_;
  std::map<int, std::string> folders_;
  std::map<std::string, int> followed_;
  bool stale_ = true;
};

}  // namespace curfew
