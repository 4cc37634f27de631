#include "src/postgres/text_array.hpp"

namespace auditflow::postgres {

void TextArray::Separate() {
  if (text_.size() > 1) text_ += ',';
}

void TextArray::Add(std::string_view text) {
  Separate();
  text_ += '"';
  while (!text.empty()) {
    const std::size_t plain = text.find_first_of("\"\\");
    text_.append(text.substr(0, plain));
    if (plain == std::string_view::npos) break;
    text_.append(1, '\\').append(1, text[plain]);
    text.remove_prefix(plain + 1);
  }
  text_ += '"';
}

void TextArray::AddNull() {
  Separate();
  text_ += "NULL";
}

}  // namespace auditflow::postgres
