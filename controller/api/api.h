// SPDX-License-Identifier: Apache-2.0
// The HTTPS API of api/openapi.yaml: reads a question strictly, knows who asks, hands it to the workflow, writes the
// answer. MUST refuse whoever is not logged in before it reads a body, and record what it refused.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>

#include "controller/api/exchange.h"
#include "controller/api/problem.h"
#include "controller/identity/login_throttle.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/reject_room.h"
#include "controller/workflow/requests.h"
#include "controller/workflow/workflow.h"

namespace curfew {

struct ApiSettings {
  std::string agents;                           ///< "host:port" of the agents' listener, as hosts shall dial it
  std::string ca;                               ///< PEM
  Seconds session{43200};                       ///< how long a login lasts
  std::function<void(const std::string&)> log;  ///< a line for each fault of ours; may be empty
};

class Api {
 public:
  using Clock = std::function<Now()>;
  /// Who is connected now.
  struct Presence {
    std::function<bool(const HostId&)> is;
    std::function<std::size_t()> count;
  };

  Api(Workflow& workflow, ApiSettings settings, CertificateSigner sign, Presence online, Clock clock)
      : workflow_(workflow),
        settings_(std::move(settings)),
        sign_(std::move(sign)),
        online_(std::move(online)),
        clock_(std::move(clock)) {}

  /// Never throws, nor does what it leaves to be finished: what the store could not do is a problem 500.
  [[nodiscard]] ApiAnswer Answer(const ApiRequest& request);
  /// Whose login comes with the question; nullopt for a stranger. Never throws.
  [[nodiscard]] std::optional<PersonName> Known(const ApiRequest& request);
  /// The same refusal and record for what the server itself could not read (a body too large, no HTTP).
  [[nodiscard]] ApiReply Reject(const Problem& problem, const std::string& peer);

 private:
  static constexpr RejectRoom::Terms kRejects{50, Seconds{1}};

  /// Who asks, where that is known.
  struct Caller {
    Person person;
    ContentHash session;
  };

  ApiAnswer Route(const ApiRequest& request);
  ApiAnswer RouteOpen(const ApiRequest& request);
  ApiAnswer RoutePersonal(const ApiRequest& request, const Caller& caller);
  ApiAnswer RouteRequest(const ApiRequest& request, const Caller& caller, std::string_view rest);
  [[nodiscard]] std::optional<Caller> WhoAsks(const ApiRequest& request);
  /// The refusal as a reply; recorded when it was bad input or a missing right.
  ApiReply ReplyTo(const Refused& refused, const std::string& actor) { return ReplyTo(refused, actor, people_); }
  ApiReply ReplyTo(const Refused& refused, const std::string& actor, RejectRoom& room);
  [[nodiscard]] ApiReply Fault(const std::string& what) const;
  /// `step`, and a Fault for what it throws.
  template <class Step>
  std::invoke_result_t<Step> Guarded(Step step) const;
  void RecordReject(RejectRoom& room, const std::string& actor, const std::string& code, const std::string& detail);

  ApiAnswer LogIn(const ApiRequest& request);
  ApiReply FinishLogIn(const LoginThrottle::Attempt& attempt, bool right, const std::string& peer);
  ApiReply NotYet(const PersonName& name, Seconds wait, const std::string& peer);
  ApiAnswer EnrolHost(const ApiRequest& request);
  ApiReply LogOut(const Caller& caller);
  ApiReply Me(const Caller& caller);
  ApiReply ListKeys(const Caller& caller);
  ApiReply HandInKey(const ApiRequest& request, const Caller& caller);
  ApiReply TakeBackKey(const ApiRequest& request, const Caller& caller, const std::string& id);
  ApiReply DropNotice(const Caller& caller, const std::string& id);

  ApiReply Create(const ApiRequest& request, const Caller& caller);
  ApiAnswer Show(const ApiRequest& request, const Caller& caller, const RequestId& id);
  ApiReply Act(const ApiRequest& request, const Caller& caller, const RequestId& id, std::string_view verb);
  ApiReply ListRequests(const ApiRequest& request, const Caller& caller);
  ApiReply PageOfRequests(const Person& person, RequestFilter filter, bool to_review);
  ApiReply ListHosts(const ApiRequest& request);
  ApiReply ListEvents(const ApiRequest& request, const Caller& caller);
  ApiReply Metrics();
  [[nodiscard]] ApiReply RequestReply(const RequestRecord& request, int status);

  Workflow& workflow_;
  ApiSettings settings_;
  CertificateSigner sign_;
  Presence online_;
  Clock clock_;
  std::string metrics_;
  BootInstant measured_;
  LoginThrottle throttle_;
  RejectRoom strangers_{kRejects};  ///< one for each, so that strangers cannot hide what people do
  RejectRoom people_{kRejects};
};

}  // namespace curfew
