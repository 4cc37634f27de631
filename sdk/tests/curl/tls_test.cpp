#include <atomic>
#include <cstdio>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "auditflow/curl/webhook_notifier.hpp"

#include "tests/curl/tcp_server.hpp"
#include "tests/store/numbered_alerts.hpp"
#include "tests/store/temporary_folder.hpp"

namespace auditflow::curl {
namespace {

using Kind = notify::DeliveryOutcome::Kind;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

/// Signed by itself, for the names given, ending `seconds` from now.
Certificate MakeCertificate(EVP_PKEY* key, const char* names, long seconds) {
  constexpr long kDay = 86'400;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const auto* const text = reinterpret_cast<const unsigned char*>("receiver");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

/// A receiver behind TLS that takes everything.
class TlsSink {
 public:
  TlsSink(const char* names, long seconds) {
    const Certificate certificate = MakeCertificate(key_.get(), names, seconds);
    SSL_CTX_use_certificate(context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    std::FILE* const file = std::fopen(ca_file().c_str(), "w");
    PEM_write_X509(file, certificate.get());
    (void)std::fclose(file);
  }
  [[nodiscard]] std::string ca_file() const { return (folder_.path() / "ca.pem").string(); }
  [[nodiscard]] WebhookOptions Options() const {
    WebhookOptions options;
    options.http.url = Secret(server_.Url("https"));
    options.http.allow_private_addresses = true;
    options.http.ca_file = ca_file();
    return options;
  }
  /// Whether anything of a request was read.
  [[nodiscard]] bool was_told() const { return was_told_; }

 private:
  void Serve(Peer& peer) {
    const std::unique_ptr<SSL, FreeSession> session(SSL_new(context_.get()));
    SSL_set_fd(session.get(), peer.socket());
    if (SSL_accept(session.get()) != 1) return;
    std::string request(65'536, '\0');
    if (SSL_read(session.get(), request.data(), static_cast<int>(request.size())) <= 0) return;
    was_told_ = true;
    const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
    SSL_shutdown(session.get());
    peer.WaitForEnd();
  }

  store::TemporaryFolder folder_;
  const Key key_{EVP_EC_gen("P-256")};
  const std::unique_ptr<SSL_CTX, FreeContext> context_{SSL_CTX_new(TLS_server_method())};
  std::atomic<bool> was_told_{false};
  TcpServer server_{[this](Peer& peer) { Serve(peer); }};
};

constexpr long kHour = 3600;

notify::DeliveryOutcome Deliver(const WebhookOptions& options) {
  return WebhookNotifier::Create(options).value()->Deliver({"key", store::NumberedAlert(1), 1}, {});
}

TEST(Tls, ACertificateThatFitsIsTrusted) {
  const TlsSink sink("IP:127.0.0.1", kHour);
  const auto outcome = Deliver(sink.Options());
  EXPECT_EQ(outcome.kind, Kind::kDelivered) << outcome.error;
  EXPECT_TRUE(sink.was_told());
}

TEST(Tls, OneThatNobodyVouchesForIsNotTold) {
  const TlsSink sink("IP:127.0.0.1", kHour);
  WebhookOptions options = sink.Options();
  options.http.ca_file.clear();
  const auto outcome = Deliver(options);
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_THAT(outcome.error, testing::HasSubstr("certificate"));
  EXPECT_FALSE(sink.was_told());
}

TEST(Tls, OneForAnotherNameIsNotTold) {
  const TlsSink sink("IP:127.0.0.2,DNS:localhost", kHour);
  EXPECT_EQ(Deliver(sink.Options()).kind, Kind::kRetry);
  EXPECT_FALSE(sink.was_told());
}

TEST(Tls, OneThatHasEndedIsNotTold) {
  const TlsSink sink("IP:127.0.0.1", -kHour);
  EXPECT_EQ(Deliver(sink.Options()).kind, Kind::kRetry);
  EXPECT_FALSE(sink.was_told());
}

TEST(Tls, AMissingCaFileTrustsNobody) {
  const TlsSink sink("IP:127.0.0.1", kHour);
  WebhookOptions options = sink.Options();
  options.http.ca_file += ".gone";
  EXPECT_EQ(Deliver(options).kind, Kind::kRetry);
  EXPECT_FALSE(sink.was_told());
}

}  // namespace
}  // namespace auditflow::curl
