#include "tensor/files/utf8.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

using hourglass::internal::bytes_of_utf8;
using hourglass::internal::utf8_of_bytes;

TEST_CASE("what is UTF-8 stays, and any other bytes come back as they were") {
  for (const char* text : {"", "plain", "M\xc3\xbcnchen", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    CHECK(utf8_of_bytes(text) == text);
    CHECK(bytes_of_utf8(text) == text);
  }
  CHECK(utf8_of_bytes("M\xfcn") == "M\xef\x9f\xbcn");
  // Cut short, too long a form, a surrogate, past the last character, an escape's own bytes.
  for (const char* bytes :
       {"\xff", "K\xf6ln", "\xc3", "\xe2\x82", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf8\x80", "\xef\x9f\xbc", "\x80\xef\x9e\x80"}) {
    CAPTURE(bytes);
    const std::string text = utf8_of_bytes(bytes);
    CHECK(text != bytes);
    CHECK_NOTHROW(nlohmann::json(text).dump());
    CHECK(bytes_of_utf8(text) == bytes);
  }
  std::string all;
  for (int i = 0; i < 512; ++i) all += static_cast<char>(i * 37);
  CHECK(bytes_of_utf8(utf8_of_bytes(all)) == all);
}
