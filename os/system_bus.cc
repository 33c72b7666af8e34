// SPDX-License-Identifier: Apache-2.0
// sd-bus(3) over the system bus, a connection for each call: calls are rare and the bus may restart.
#include "os/system_bus.h"

#include <systemd/sd-bus.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>

#include "os/system_error.h"

namespace curfew {
namespace {

constexpr std::uint64_t kLimitMicros = 2000000;
constexpr std::chrono::seconds kJobLimit{10};
constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kSystemdPath = "/org/freedesktop/systemd1";
constexpr const char* kSystemdInterface = "org.freedesktop.systemd1.Manager";  // the bus's own name for it
constexpr const char* kLogind = "org.freedesktop.login1";

struct CloseBus {
  void operator()(sd_bus* bus) const { ::sd_bus_flush_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, CloseBus>;

// sd_bus_error wants freeing whether it was set or not.
class BusError {
 public:
  BusError() = default;
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  ~BusError() { ::sd_bus_error_free(&error_); }
  [[nodiscard]] sd_bus_error* Get() { return &error_; }
  [[nodiscard]] bool Is(const char* name) const { return ::sd_bus_error_has_name(&error_, name) > 0; }
  [[nodiscard]] std::string Text() const { return error_.message == nullptr ? "" : std::string(" (") + error_.message + ")"; }

 private:
  sd_bus_error error_{nullptr, nullptr, 0};
};

Result<Bus> OpenBus() {
  sd_bus* raw = nullptr;
  if (const int result = ::sd_bus_open_system(&raw); result < 0) {
    return SystemFailure(-result, "cannot reach the system bus", "/run/dbus/system_bus_socket");
  }
  Bus bus(raw);
  ::sd_bus_set_method_call_timeout(bus.get(), kLimitMicros);
  return bus;
}

struct Job {
  std::string path;
  std::map<std::string, std::string> ended;  ///< path to result
};

int TakeJobRemoved(sd_bus_message* message, void* job, sd_bus_error*) {
  std::uint32_t id = 0;
  const char* path = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  if (::sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) >= 0) static_cast<Job*>(job)->ended[path] = result;
  return 0;
}

Result<void> WaitFor(sd_bus& bus, const Job& job, const std::string& unit) {
  const auto deadline = std::chrono::steady_clock::now() + kJobLimit;
  while (!job.ended.contains(job.path)) {
    const int handled = ::sd_bus_process(&bus, nullptr);
    if (handled < 0) return SystemFailure(-handled, "systemd does not say how the reload went", unit);
    if (handled > 0) continue;
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Fail(Errc::kUnavailable, "its reload did not end within 10 s", unit, "see: systemctl status " + unit);
    ::sd_bus_wait(&bus, static_cast<std::uint64_t>(left.count()));
  }
  const std::string& result = job.ended.at(job.path);
  if (result == "done") return {};
  return Fail(Errc::kRefused, "its reload ended with: " + result, unit, "see: journalctl -u " + unit);
}

}  // namespace

Result<void> TerminateSession(const std::string& session) {
  auto bus = OpenBus();
  if (!bus) return Failure(bus.error());
  BusError error;
  const int result = ::sd_bus_call_method(bus->get(), kLogind, "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                                          "TerminateSession", error.Get(), nullptr, "s", session.c_str());
  if (result < 0 && !error.Is("org.freedesktop.login1.NoSuchSession")) {
    return SystemFailure(-result, "logind did not end the session" + error.Text(), session);
  }
  return {};
}

Result<bool> IsUnitActive(const std::string& unit) {
  auto bus = OpenBus();
  if (!bus) return Failure(bus.error());
  BusError error;
  sd_bus_message* raw = nullptr;
  int result = ::sd_bus_call_method(bus->get(), kSystemd, kSystemdPath, kSystemdInterface, "GetUnit", error.Get(), &raw, "s",
                                    unit.c_str());
  const std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)> reply(raw, &sd_bus_message_unref);
  if (result < 0 && error.Is("org.freedesktop.systemd1.NoSuchUnit")) return false;
  const char* path = nullptr;
  if (result >= 0) result = ::sd_bus_message_read(reply.get(), "o", &path);
  char* state = nullptr;
  if (result >= 0) {
    result = ::sd_bus_get_property_string(bus->get(), kSystemd, path, "org.freedesktop.systemd1.Unit", "ActiveState",
                                          error.Get(), &state);
  }
  if (result < 0) return SystemFailure(-result, "systemd does not say whether the unit is active" + error.Text(), unit);
  const bool active = std::string(state) == "active" || std::string(state) == "reloading";
  std::free(state);  // NOLINT: allocated by libsystemd
  return active;
}

Result<void> ReloadUnit(const std::string& unit) {
  auto bus = OpenBus();
  if (!bus) return Failure(bus.error());
  BusError error;
  Job job;
  // Both before the job is made: its end may come at once.
  int result = ::sd_bus_match_signal(bus->get(), nullptr, kSystemd, kSystemdPath, kSystemdInterface, "JobRemoved", TakeJobRemoved, &job);
  if (result >= 0) {
    result = ::sd_bus_call_method(bus->get(), kSystemd, kSystemdPath, kSystemdInterface, "Subscribe", error.Get(), nullptr, "");
  }
  sd_bus_message* raw = nullptr;
  if (result >= 0) {
    result = ::sd_bus_call_method(bus->get(), kSystemd, kSystemdPath, kSystemdInterface, "ReloadUnit", error.Get(), &raw, "ss",
                                  unit.c_str(), "replace");
  }
  const std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)> reply(raw, &sd_bus_message_unref);
  const char* path = nullptr;
  if (result >= 0) result = ::sd_bus_message_read(reply.get(), "o", &path);
  if (result < 0) return SystemFailure(-result, "systemd did not reload the unit" + error.Text(), unit);
  job.path = path;
  return WaitFor(*bus->get(), job, unit);
}

}  // namespace curfew
