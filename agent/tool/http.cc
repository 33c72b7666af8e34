// SPDX-License-Identifier: Apache-2.0
// libcurl's easy interface, wrapped once.
#include "agent/tool/http.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <thread>

#include "core/time.h"

namespace curfew {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{1} << 20U;
constexpr long kConnectSeconds = 10;
constexpr long kTotalSeconds = 30;
constexpr Millis kBetweenTries{500};

struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeHeaders {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t Collect(char* data, std::size_t size, std::size_t count, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + size * count > kMostAnswer) return 0;
  body.append(data, size * count);
  return size * count;
}

std::string UnreachableHint(const std::string& what) {
  if (what.find("certificate required") != std::string::npos) {
    return "that is the port for agents; hosts join at that for people, 7443 unless controller.toml says otherwise";
  }
  return "is curfew-controller serving, and reachable from here? is the port right (https://HOST:7443)?";
}

/// Before an answer: at the other end one connection may have had to make room for another. An alert is no cut line.
bool WasCut(CURLcode code, std::string_view detail) {
  const bool cut = code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;
  return cut && detail.find("alert") == std::string_view::npos;
}

Failure Explain(CURLcode code, const std::string& url, const char* detail) {
  const std::string what = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_SSL_CACERT_BADFILE:
      return Fail(Errc::kMalformed, what, url, "is the file that --ca names there, and a CA's certificate?");
    case CURLE_PEER_FAILED_VERIFICATION:
      return Fail(Errc::kMalformed, what, url, "give the controller's CA with --ca, and the name its certificate has");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return Fail(Errc::kMalformed, "not an https:// URL", url);
    case CURLE_WRITE_ERROR:
      return Fail(Errc::kMalformed, "the answer is over 1 MiB", url);
    default:
      return Fail(Errc::kUnavailable, what, url, UnreachableHint(what));
  }
}

}  // namespace

Result<HttpAnswer> PostJson(const std::string& url, const std::string& ca, const std::string& body) {
  const std::unique_ptr<CURL, FreeCurl> handle(curl_easy_init());
  const std::unique_ptr<curl_slist, FreeHeaders> headers(curl_slist_append(nullptr, "Content-Type: application/json"));
  if (!handle || !headers) return Fail(Errc::kSystem, "libcurl has no memory", url);
  CURL* curl = handle.get();
  HttpAnswer answer;
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, static_cast<void*>(&answer.body));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTotalSeconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (!ca.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  CURLcode code = curl_easy_perform(curl);
  if (WasCut(code, detail.data())) {
    std::this_thread::sleep_for(kBetweenTries);
    answer.body.clear();
    code = curl_easy_perform(curl);
  }
  if (code != CURLE_OK) return Explain(code, url, detail.data());
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace curfew
