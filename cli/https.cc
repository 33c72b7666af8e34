// SPDX-License-Identifier: Apache-2.0
// libcurl's multi interface with one transfer at a time: that is what can wait for a descriptor of ours as well.
#include "cli/https.h"

#include <curl/curl.h>

namespace curfew {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{64} << 20U;
constexpr long kConnectSeconds = 10;
constexpr Millis kBetweenTries{500};

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeList>;

std::size_t TakeBytes(char* data, std::size_t one, std::size_t count, void* into) {
  auto* body = static_cast<std::string*>(into);
  if (body->size() + one * count > kMaxAnswer) return 0;
  body->append(data, one * count);
  return one * count;
}

Halted Interrupted() { return Refuse(ExitCode::kInterrupted, "interrupted"); }

Headers MakeHeaders(const HttpRequest& request) {
  curl_slist* list = curl_slist_append(nullptr, "Accept: application/json");
  if (!request.body.empty()) list = curl_slist_append(list, "Content-Type: application/json");
  for (const auto& [name, value] : request.headers) {
    list = curl_slist_append(list, std::string(name).append(": ").append(value).c_str());
  }
  return Headers(list);
}

/// libcurl has one code for all that is wrong with a certificate; which it is stands in its words alone.
std::string CertificateHint(const std::string& url, const std::string& detail) {
  if (detail.find("subject name") != std::string::npos) {
    return "the controller's certificate does not have that name: use one of the `names` in its controller.toml, or have it added there";
  }
  return "get the controller's CA file from its admin: `curfew login " + url + " --ca FILE`";
}

std::string UnreachableHint(const std::string& detail) {
  if (detail.find("certificate required") != std::string::npos) {
    return "that is the port for agents; the one for people is 7443 unless controller.toml says otherwise";
  }
  return "check the URL, its port too (https://HOST:7443), and the network; access that was granted keeps working and ends on time";
}

Halted Failed(CURLcode code, const std::string& url, const char* detail) {
  const std::string what = url + ": " + (*detail != '\0' ? detail : curl_easy_strerror(code));
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return Refuse(ExitCode::kFailed, what, CertificateHint(url, detail));
    case CURLE_SSL_CACERT_BADFILE:
      return Refuse(ExitCode::kFailed, what, "is the CA file there, and may you read it?");
    case CURLE_URL_MALFORMAT:
      return Refuse(ExitCode::kUsage, what, "give https://HOST:PORT, e.g. https://controller:7443");
    case CURLE_WRITE_ERROR:
      return Refuse(ExitCode::kFailed, url + ": the answer is longer than 64 MiB", "ask for less");
    default:
      return Refuse(ExitCode::kUnreachable, what, UnreachableHint(detail));
  }
}

bool MayTryAgain(CURLcode code, std::string_view detail, const HttpRequest& request) {
  if (detail.find("alert") != std::string_view::npos) return false;  // its own word, not a cut line
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return true;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return request.repeatable;
    default:
      return false;
  }
}

}  // namespace

struct Https::Parts {
  ApiAddress address;
  std::unique_ptr<CURL, FreeEasy> easy;
  std::unique_ptr<CURLM, FreeMulti> multi;
  int interrupt = -1;

  void Prepare(const HttpRequest& request, curl_slist* headers, std::string& body, char* detail) const {
    CURL* curl = easy.get();
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, (address.url + request.path).c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!address.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, address.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method != "GET") {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.patience.count()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &TakeBytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "curfew/" CURFEW_VERSION);
  }

  /// False when interrupted; `longest` bounds one wait.
  [[nodiscard]] bool Wait(Millis longest) const {
    curl_waitfd watched{interrupt, CURL_WAIT_POLLIN, 0};
    const bool watching = interrupt >= 0;
    curl_multi_poll(multi.get(), watching ? &watched : nullptr, watching ? 1 : 0, static_cast<int>(longest.count()),
                    nullptr);
    return !watching || (watched.revents & CURL_WAIT_POLLIN) == 0;
  }

  /// Drives the transfer to its end; CURLE_ABORTED_BY_CALLBACK when interrupted.
  [[nodiscard]] CURLcode Drive() const {
    curl_multi_add_handle(multi.get(), easy.get());
    CURLcode code = CURLE_ABORTED_BY_CALLBACK;
    for (int running = 1; running > 0;) {
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK) break;
      if (running > 0 && !Wait(Millis{1000})) break;
    }
    int left = 0;
    if (const CURLMsg* message = curl_multi_info_read(multi.get(), &left); message != nullptr)
      code = message->data.result;
    curl_multi_remove_handle(multi.get(), easy.get());
    return code;
  }
};

Https::Https(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Https::Https(Https&&) noexcept = default;
Https& Https::operator=(Https&&) noexcept = default;
Https::~Https() = default;

Answer<Https> Https::Open(ApiAddress address) {
  auto parts = std::make_unique<Parts>();
  parts->address = std::move(address);
  parts->easy.reset(curl_easy_init());
  parts->multi.reset(curl_multi_init());
  if (!parts->easy || !parts->multi) return Refuse(ExitCode::kFailed, "libcurl cannot be set up");
  return Https(std::move(parts));
}

void Https::WatchInterrupt(int descriptor) { parts_->interrupt = descriptor; }

Answer<HttpReply> Https::Send(const HttpRequest& request) {
  HttpReply reply;
  char detail[CURL_ERROR_SIZE] = "";
  const Headers headers = MakeHeaders(request);
  parts_->Prepare(request, headers.get(), reply.body, detail);
  CURLcode code = parts_->Drive();
  if (MayTryAgain(code, detail, request)) {
    if (auto paused = Pause(kBetweenTries); !paused) return Halted(paused.error());
    reply.body.clear();
    code = parts_->Drive();
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return Interrupted();
  if (code != CURLE_OK) return Failed(code, parts_->address.url, detail);
  curl_easy_getinfo(parts_->easy.get(), CURLINFO_RESPONSE_CODE, &reply.status);
  return reply;
}

Answer<void> Https::Pause(Millis length) {
  if (!parts_->Wait(length)) return Interrupted();
  return {};
}

}  // namespace curfew
