// SPDX-License-Identifier: Apache-2.0
// Connections by whom they belong to: a network, while nobody has proved anything, or a person. MUST leave room for the
// others: who brings more than their share, or the most when all is full, makes room for a newcomer; of theirs the oldest
// that has said nothing goes first, as a connection costs nothing, and of the silent so many stay that one can begin to speak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace curfew {

class Crowd {
 public:
  struct Bounds {
    std::size_t most;
    std::size_t most_of_one;
  };
  explicit Crowd(Bounds bounds) : bounds_(bounds) {}

  /// Who has to go before one more comes; nothing while there is room.
  [[nodiscard]] std::optional<std::uint64_t> Leaver() const;
  /// The same when it is known whose the newcomer is.
  [[nodiscard]] std::optional<std::uint64_t> LeaverFor(const std::string& owner) const;

  /// `number` rises from one connection to the next.
  void Enter(std::uint64_t number, const std::string& owner);
  /// It has sent what a stranger's empty connection has not.
  void Speak(std::uint64_t number);
  void Leave(std::uint64_t number);

 private:
  struct Group {
    std::set<std::uint64_t> silent{};
    std::set<std::uint64_t> speaking{};
    [[nodiscard]] std::size_t Size() const { return silent.size() + speaking.size(); }
    [[nodiscard]] std::uint64_t Leaver() const;
  };

  Bounds bounds_;
  std::map<std::uint64_t, std::string> owners_;
  std::map<std::string, Group> groups_;
};

}  // namespace curfew
