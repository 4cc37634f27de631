#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "auditflow/core/result.hpp"

namespace auditflow::input {

enum class Compression : std::uint8_t { kNone, kGzip, kXz, kZstd };

/// "none", "gzip", "xz", "zstd".
std::string_view ToString(Compression compression);

struct ReaderOptions {
  std::size_t chunk_bytes = std::size_t{256} << 10U;  ///< asked from the source at a time
  /// What the dictionary of an .xz or .zst file may take; such a file says itself how much it
  /// wants.
  std::uint64_t max_decoder_bytes = std::uint64_t{256} << 20U;
};

/// Reads bytes from a file, a pipe or a function and decompresses them. The first bytes decide
/// between plain, gzip, xz and zstd, names do not matter. Concatenated gzip members, xz streams and
/// zstd frames are read through as one.
///
/// What could be decompressed before a fault is handed out first. Waits for no byte more than it
/// needs: what a pipe has delivered is handed out though it stays open.
///
/// Memory: one chunk, and what `max_decoder_bytes` allows.
///
/// Thread safety: thread-compatible.
class Reader {
 public:
  /// Puts up to `room` bytes at `out` and returns how many; 0 is the end.
  using Source = std::function<Result<std::size_t>(char* out, std::size_t room)>;

  /// "-" is standard input.
  /// @return kNotFound, kPermissionDenied or another code with what the system says, without the
  /// path; kInvalidArgument for a folder.
  static Result<std::unique_ptr<Reader>> Open(const std::filesystem::path& path,
                                              const ReaderOptions& options = {});
  explicit Reader(Source source, const ReaderOptions& options = {});
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Puts up to `room` decompressed bytes at `out`, at least one; 0 is the end. Requires room.
  /// @return kDataLoss for compressed data that is broken or ends too early, kResourceExhausted
  /// beyond `max_decoder_bytes`, kUnimplemented for bzip2, zip, 7z and lz4, the source's own error;
  /// each call after an error returns it again.
  Result<std::size_t> Read(char* out, std::size_t room);

  /// Known once the first byte has been read.
  [[nodiscard]] Compression compression() const;
  /// How many bytes were taken from the source, compressed as they are: for progress.
  [[nodiscard]] std::uint64_t bytes_taken() const;
  /// How many the source holds; nothing for what is no regular file.
  [[nodiscard]] std::optional<std::uint64_t> size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::input
