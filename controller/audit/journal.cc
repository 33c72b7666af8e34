// SPDX-License-Identifier: Apache-2.0
// Numbering and chaining of the controller's own events.
#include "controller/audit/journal.h"

#include "core/plain_text.h"
#include "core/signature.h"

namespace curfew {
namespace {

constexpr std::size_t kLongestText = 128;
constexpr std::size_t kLongestDetail = 1024;

void AppendNumber(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU));
}

void AppendText(std::string& bytes, std::string_view text) {
  AppendNumber(bytes, text.size());
  bytes.append(text);
}

// What people wrote reaches logs and terminals from here: only texts that are fit for both (ATTACKS A9, K6).
std::string Fit(std::string_view text, std::size_t most) {
  if (IsPlainText(text, most)) return std::string(text);
  return CutText(Escaped(text.substr(0, most)), most);
}

}  // namespace

ContentHash HashOwnEvent(const EventRecord& event) {
  std::string bytes;
  AppendNumber(bytes, event.seq);
  AppendNumber(bytes, static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
  AppendText(bytes, event.kind);
  AppendNumber(bytes, static_cast<std::uint64_t>(event.severity));
  for (const auto* text : {&event.actor, &event.request, &event.grant, &event.outcome, &event.before, &event.after, &event.detail}) {
    AppendText(bytes, *text);
  }
  AppendText(bytes, event.previous.Raw());
  return Sha256(bytes);
}

void AppendOwnEvent(Store& store, EventRecord event) {
  const auto [seq, head] = store.OwnHead();
  event.host.reset();
  event.host_name.clear();
  event.seq = seq + 1;
  event.previous = head;
  for (auto* text : {&event.actor, &event.request, &event.grant, &event.outcome, &event.before, &event.after}) {
    *text = Fit(*text, kLongestText);
  }
  event.detail = Fit(event.detail, kLongestDetail);
  event.hash = HashOwnEvent(event);
  store.AddEvent(event);
}

}  // namespace curfew
