#include "auditflow/input/reader.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "auditflow/core/random.hpp"

#include "tests/input/compress.hpp"

namespace auditflow::input {
namespace {

/// Hands out `bytes` in pieces of at most `piece`.
Reader::Source Pieces(std::string bytes, std::size_t piece) {
  return [bytes = std::move(bytes), piece, at = std::size_t{0}](
             char* out, std::size_t room) mutable -> Result<std::size_t> {
    const std::size_t size = std::min({piece, room, bytes.size() - at});
    std::memcpy(out, bytes.data() + at, size);
    at += size;
    return size;
  };
}

struct Outcome {
  std::string bytes;
  Status status;
};

Outcome ReadAll(Reader& reader, std::size_t room = 4096) {
  Outcome outcome;
  std::string buffer(room, '\0');
  for (;;) {
    const Result<std::size_t> got = reader.Read(buffer.data(), buffer.size());
    if (!got) outcome.status = got.error();
    if (!got || *got == 0) return outcome;
    outcome.bytes.append(buffer, 0, *got);
  }
}

/// Text that compresses somewhat.
std::string Sample(std::size_t size) {
  const auto random = SeededRandom(7);
  std::string text;
  while (text.size() < size) {
    text += R"({"n": )" + std::to_string(random->Below(100'000)) + "}\n";
  }
  text.resize(size);
  return text;
}

struct Codec {
  const char* name;
  Compression compression;
  std::function<std::string(const std::string&)> compress;
};

const std::vector<Codec>& Codecs() {
  static const std::vector<Codec> kCodecs = {
      {"plain", Compression::kNone, [](const std::string& s) { return s; }},
      {"gzip", Compression::kGzip, &Gzip},
      {"xz", Compression::kXz, &Xz},
      {"zstd", Compression::kZstd, &Zstd}};
  return kCodecs;
}

TEST(Reader, ReadsEveryFormatInPiecesOfAnySize) {
  for (const Codec& codec : Codecs()) {
    for (const std::size_t size : {0U, 1U, 5U, 1000U, 300'000U}) {
      const std::string plain = Sample(size);
      for (const std::size_t piece : {1U, 7U, 100'000U}) {
        if (piece == 1 && size > 1000) continue;
        Reader reader(Pieces(codec.compress(plain), piece));
        const Outcome outcome = ReadAll(reader);
        EXPECT_TRUE(outcome.status.ok()) << codec.name << ": " << outcome.status.ToString();
        EXPECT_TRUE(outcome.bytes == plain) << codec.name << ' ' << size << ' ' << piece;
        EXPECT_EQ(reader.compression(), codec.compression);
      }
    }
  }
}

TEST(Reader, WritesNoMoreThanThereIsRoomFor) {
  for (const Codec& codec : Codecs()) {
    const std::string plain = Sample(5000);
    Reader reader(Pieces(codec.compress(plain), 100'000));
    EXPECT_TRUE(ReadAll(reader, 1).bytes == plain) << codec.name;
  }
}

TEST(Reader, ReadsConcatenatedMembersThroughWhereverTheChunksEnd) {
  for (const Codec& codec : Codecs()) {
    std::string all;
    std::string compressed;
    for (std::size_t i = 0; i < 40; ++i) {
      const std::string part = Sample(100 * i);
      all += part;
      compressed += codec.compress(part);
    }
    for (const std::size_t chunk : {16U, 17U, 64U, 1000U}) {
      Reader reader(Pieces(compressed, 100'000), {.chunk_bytes = chunk});
      const Outcome outcome = ReadAll(reader);
      EXPECT_TRUE(outcome.status.ok())
          << codec.name << ' ' << chunk << ": " << outcome.status.ToString();
      EXPECT_TRUE(outcome.bytes == all) << codec.name << ' ' << chunk;
    }
  }
}

TEST(Reader, AcceptsZeroPaddingBehindGzipAndXz) {
  for (const auto& compress : {Gzip, Xz}) {
    Reader reader(Pieces(compress("a") + std::string(512, '\0') + compress("b"), 100));
    const Outcome outcome = ReadAll(reader);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.ToString();
    EXPECT_EQ(outcome.bytes, "ab");
  }
}

TEST(Reader, HandsOutWhatCameBeforeTheEndThatComesTooEarly) {
  for (const Codec& codec : Codecs()) {
    if (codec.compression == Compression::kNone) continue;
    const std::string plain = Sample(2'000'000);
    const std::string compressed = codec.compress(plain);
    Reader reader(Pieces(compressed.substr(0, compressed.size() - 10), 1000));
    const Outcome outcome = ReadAll(reader);
    EXPECT_EQ(outcome.status.code(), StatusCode::kDataLoss) << codec.name;
    EXPECT_GT(outcome.bytes.size(), 100'000U) << codec.name;
    EXPECT_TRUE(plain.starts_with(outcome.bytes)) << codec.name;
  }
}

TEST(Reader, ReportsEveryTruncationAndNeverCallsItTheEnd) {
  for (const Codec& codec : Codecs()) {
    if (codec.compression == Compression::kNone) continue;
    const std::string compressed = codec.compress(Sample(300));
    for (std::size_t size = 6; size < compressed.size(); ++size) {
      Reader reader(Pieces(compressed.substr(0, size), 64));
      EXPECT_EQ(ReadAll(reader).status.code(), StatusCode::kDataLoss) << codec.name << ' ' << size;
    }
  }
}

TEST(Reader, ReportsChangedBytesWithinBoundedTime) {
  for (const Codec& codec : Codecs()) {
    if (codec.compression == Compression::kNone) continue;
    const std::string plain = Sample(20'000);
    const std::string compressed = codec.compress(plain);
    std::size_t faults = 0;
    for (std::size_t at = 6; at < compressed.size(); at += 97) {
      std::string changed = compressed;
      changed[at] = static_cast<char>(changed[at] ^ 0x55);
      Reader reader(Pieces(changed, 4096), {.max_decoder_bytes = std::uint64_t{64} << 20U});
      faults += ReadAll(reader).status.ok() ? 0U : 1U;
    }
    // zstd writes no checksum unless asked, so that not all changes show.
    EXPECT_GT(faults, 5U) << codec.name;
  }
}

TEST(Reader, RepeatsItsError) {
  Reader reader(
      Pieces("\x1f\x8b"
             "nonsense",
             100));
  const Status first = ReadAll(reader).status;
  EXPECT_EQ(first.code(), StatusCode::kDataLoss);
  EXPECT_EQ(ReadAll(reader).status, first);
}

TEST(Reader, PassesOnTheErrorOfItsSource) {
  Reader reader([](char*, std::size_t) -> Result<std::size_t> {
    return Error(Unavailable("the network is down"));
  });
  EXPECT_EQ(ReadAll(reader).status, Unavailable("the network is down"));
}

TEST(Reader, RefusesGarbageBehindGzip) {
  Reader reader(Pieces(Gzip("a") + "garbage", 100));
  const Outcome outcome = ReadAll(reader);
  EXPECT_EQ(outcome.bytes, "a");
  EXPECT_EQ(outcome.status.code(), StatusCode::kDataLoss);
}

TEST(Reader, NamesFormatsThatItDoesNotRead) {
  const std::vector<std::pair<std::string, std::string>> formats = {
      {"BZh91AY&SY", "bzip2"},
      {"PK\x03\x04rest", "zip"},
      {"7z\xbc\xaf\x27\x1crest", "7z"},
      {"\x04\x22\x4d\x18rest", "lz4"}};
  for (const auto& [bytes, name] : formats) {
    Reader reader(Pieces(bytes, 100));
    const Status status = ReadAll(reader).status;
    EXPECT_EQ(status.code(), StatusCode::kUnimplemented);
    EXPECT_EQ(status.message().find(name), 0U) << status.message();
  }
}

TEST(Reader, TakesTheBeginningOfAMagicNumberForPlainBytes) {
  for (const std::string& text :
       {std::string("\x1f"),
        std::string("\xfd"
                    "7z"),
        std::string("BZ"), std::string("\x28\xb5\x2f"), std::string("PK"), std::string("Q")}) {
    Reader reader(Pieces(text, 1));
    const Outcome outcome = ReadAll(reader);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.ToString();
    EXPECT_EQ(outcome.bytes, text);
  }
}

TEST(Reader, SkipsAFrameOfUserDataInZstd) {
  const std::string skippable = {'\x53', '\x2a', '\x4d', '\x18', '\x03', '\0',
                                 '\0',   '\0',   'a',    'b',    'c'};
  Reader reader(Pieces(skippable + Zstd("text"), 3));
  const Outcome outcome = ReadAll(reader);
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.ToString();
  EXPECT_EQ(outcome.bytes, "text");
}

TEST(Reader, BoundsTheMemoryOfADecoder) {
  for (const auto& compress : {Xz, Zstd}) {
    Reader reader(Pieces(compress(Sample(3'000'000)), 100'000), {.max_decoder_bytes = 4096});
    EXPECT_EQ(ReadAll(reader).status.code(), StatusCode::kResourceExhausted);
  }
}

TEST(Reader, AsksForNoMoreBytesThanItNeedsToDecide) {
  std::size_t calls = 0;
  Reader reader([&calls](char* out, std::size_t) -> Result<std::size_t> {
    ++calls;
    *out = '{';
    return std::size_t{1};
  });
  char byte = 0;
  EXPECT_EQ(reader.Read(&byte, 1), std::size_t{1});
  EXPECT_EQ(calls, 1U);
}

TEST(Reader, OpensFilesAndSaysHowFarItIs) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("auditflow_reader_" + std::to_string(getpid()));
  const std::string compressed = Gzip(Sample(10'000));
  std::ofstream(path, std::ios::binary) << compressed;
  const auto reader = Reader::Open(path);
  ASSERT_TRUE(reader) << reader.error().ToString();
  EXPECT_EQ((*reader)->size(), compressed.size());
  EXPECT_EQ((*reader)->bytes_taken(), 0U);
  EXPECT_TRUE(ReadAll(**reader).bytes == Sample(10'000));
  EXPECT_EQ((*reader)->bytes_taken(), compressed.size());
  std::filesystem::remove(path);
}

TEST(Reader, SaysWhyItCannotOpen) {
  EXPECT_EQ(Reader::Open("/nonexistent/file").error().code(), StatusCode::kNotFound);
  EXPECT_EQ(Reader::Open("/").error().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace auditflow::input
