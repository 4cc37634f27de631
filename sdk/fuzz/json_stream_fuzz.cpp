// Every item lies where it says, however the bytes arrive, and a document on a line of its own is
// found behind whatever else the stream holds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/json_stream.hpp"

namespace {

using auditflow::event::JsonStream;
using auditflow::event::JsonStreamOptions;

struct Item {
  std::string text;
  std::uint64_t line;
  std::uint64_t offset;
  std::string fault;
  bool operator==(const Item&) const = default;
};

void Require(bool holds) {
  if (!holds) std::abort();
}

std::vector<Item> Read(std::string_view bytes, std::size_t piece, std::size_t chunk) {
  std::size_t given = 0;
  JsonStream stream(
      [&](char* out, std::size_t room) -> auditflow::Result<std::size_t> {
        const std::size_t size = std::min({room, piece, bytes.size() - given});
        if (size != 0) std::memcpy(out, bytes.data() + given, size);
        given += size;
        return size;
      },
      JsonStreamOptions{.max_document_bytes = 200, .chunk_bytes = chunk});
  std::vector<Item> items;
  while (const auto item = stream.Next()) {
    Require(item->index == items.size());
    const bool ok = item->status.ok();
    // A fault's text is a hint, no longer than what happens to be read.
    items.push_back(
        {ok ? std::string(item->text) : "", item->line, item->offset, item->status.message()});
  }
  return items;
}

void CheckPlaces(std::string_view bytes, const std::vector<Item>& items) {
  std::uint64_t last = 0;
  for (const Item& item : items) {
    Require(item.offset >= last && item.offset <= bytes.size());
    Require(bytes.substr(item.offset, item.text.size()) == item.text);
    const auto feeds =
        std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(item.offset), '\n');
    Require(item.line == static_cast<std::uint64_t>(feeds) + 1);
    last = item.offset + item.text.size();
  }
}

/// Two whole lines behind anything: the second is found unless the first ended what was open.
void CheckLastLine(std::string_view bytes) {
  constexpr std::string_view kLine = "{\"the\":\"last\"}";
  std::string longer(bytes);
  longer.append("\n").append(kLine).append("\n").append(kLine).append("\n");
  const std::vector<Item> items = Read(longer, 1 << 20U, 1 << 18U);
  const auto mentions = [&](const Item& item) { return item.text.find(kLine) != item.text.npos; };
  Require(std::any_of(items.begin(), items.end(), mentions));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<Item> whole = Read(bytes, 1 << 20U, 1 << 18U);
  CheckPlaces(bytes, whole);
  Require(whole.size() <= 2 * size + 1);
  CheckPlaces(bytes, Read(bytes, 3, 64));
  CheckLastLine(bytes);
  return 0;
}
