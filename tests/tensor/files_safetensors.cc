#include "tensor/files/safetensors.h"

#include <string>

#include "tensor/error.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::get;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

std::string file_of(const std::string& header, const std::string& data) {
  std::string length;
  for (int i = 0; i < 8; ++i) length += static_cast<char>(header.size() >> (8 * i) & 255);
  return length + header + data;
}

}  // namespace

TEST_CASE("write_safetensors follows the format to the letter") {
  const TempFolder dir;
  const std::vector<NamedTensor> tensors = {{"w", Tensor::from<float>({1, -2}, {1, 2})},
                                            {"a\"b", Tensor::from<std::uint8_t>({7}, {})},
                                            {"n", Tensor::from<std::int32_t>({-1}, {1})}};
  write_safetensors(dir / "x", tensors, {{"model", "dense"}, {"a", "\n"}});
  const std::string header =
      R"({"__metadata__":{"a":"\n","model":"dense"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
      R"("a\"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]},)"
      R"("n":{"dtype":"I32","shape":[1],"data_offsets":[9,13]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  CHECK(padded.size() % 8 == 0);
  CHECK(get(dir / "x") == file_of(padded, "\0\0\x80\x3f\0\0\0\xc0\x07\xff\xff\xff\xff"s));
  const std::string once = get(dir / "x");
  write_safetensors(dir / "x", tensors, {{"model", "dense"}, {"a", "\n"}});
  CHECK(get(dir / "x") == once);
}

TEST_CASE("what write_safetensors writes, read_safetensors reads, in order") {
  const TempFolder dir;
  const std::vector<NamedTensor> tensors = {{"z", Tensor::full({2, 3}, 1.5, DType::kF64)},
                                            {"empty", Tensor({0, 4}, DType::kF32)},
                                            {"also empty", Tensor({0}, DType::kU8)},
                                            {"a", Tensor::scalar(3, DType::kI32)},
                                            {"\xc3\xbc", Tensor::full({5}, 9, DType::kU8)}};
  write_safetensors(dir / "x", tensors, {{"k", "v"}});
  const Safetensors found = read_safetensors(dir / "x");
  REQUIRE(found.tensors.size() == tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    CHECK(found.tensors[i].name == tensors[i].name);
    CHECK(found.tensors[i].value.identical(tensors[i].value));
  }
  CHECK(found.metadata == std::map<std::string, std::string>{{"k", "v"}});
  CHECK(found.find("a")->item() == 3);
  CHECK(found.find("b") == nullptr);
  write_safetensors(dir / "y", {});
  CHECK(get(dir / "y") == "\x08\0\0\0\0\0\0\0{}      "s);
  CHECK(read_safetensors(dir / "y").tensors.empty());
}

TEST_CASE("safetensors of other dtypes and in any order of names are read") {
  const TempFolder dir;
  put(dir / "x", file_of(R"({"h":{"dtype":"F16","shape":[1],"data_offsets":[10,12]},)"
                         R"("i":{"data_offsets":[0,8],"shape":[1],"dtype":"I64"},)"
                         R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},)"
                         R"("t":{"dtype":"BOOL","shape":[2],"data_offsets":[12,14]}} )",
                         "\x05\0\0\0\0\0\0\0\xc0\x3f\0\x3c\0\x02"s));
  const Safetensors found = read_safetensors(dir / "x");
  REQUIRE(found.tensors.size() == 4);
  CHECK(found.tensors[0].name == "i");
  CHECK(found.find("i")->identical(Tensor::from<std::int32_t>({5}, {1})));
  CHECK(found.find("b")->identical(Tensor::from<float>({1.5F}, {1})));
  CHECK(found.find("h")->identical(Tensor::from<float>({1.0F}, {1})));
  CHECK(found.find("t")->identical(Tensor::from<std::uint8_t>({0, 1}, {2})));
}

TEST_CASE("a bad safetensors file says where and what is wrong") {
  const TempFolder dir;
  const auto raw = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return error_of(dir, [&] { read_safetensors(dir / "x"); });
  };
  const auto text = [&](const std::string& header, const std::string& data = "") {
    return raw(file_of(header, data));
  };
  CHECK(raw("") ==
        "read_safetensors: DIR/x: byte 0: not a safetensors file: expected 8 bytes of header "
        "length, found 0: an empty file");
  CHECK(raw("\1\0\0\0\0\0\0\0"s) ==
        "read_safetensors: DIR/x: byte 0: the header breaks off: expected 1 byte, found 0");
  CHECK(raw("\x89PNG\r\n\x1a\n12345") ==
        "read_safetensors: DIR/x: byte 0: a header of 727905341920923785 bytes: expected at most "
        "100000000: this looks like a PNG image");
  CHECK(raw("\x01\xe1\xf5\x05\0\0\0\0{"s) ==
        "read_safetensors: DIR/x: byte 0: a header of 100000001 bytes: expected at most 100000000: "
        "this "
        "looks like a safetensors file");
  CHECK(
      raw("\0\xe1\xf5\x05\0\0\0\0{"s) ==
      "read_safetensors: DIR/x: byte 0: the header breaks off: expected 100000000 bytes, found 1");
  CHECK(text("") == "read_safetensors: DIR/x: byte 8: the header must begin with '{': found ''");
  CHECK(text(" {}") ==
        "read_safetensors: DIR/x: byte 8: the header must begin with '{': found ' '");
  CHECK(text("{\"a\"}") ==
        "read_safetensors: DIR/x: byte 12: the header is not valid JSON: near '\"a\"}'");
  CHECK(text("{} x") ==
        "read_safetensors: DIR/x: byte 11: the header is not valid JSON: near '{} x'");
  CHECK(text("{}\0more"s) ==
        "read_safetensors: DIR/x: byte 10: the header is not valid JSON: a NUL");
  CHECK(text("{\"\xff\":1}") ==
        "read_safetensors: DIR/x: byte 10: the header is not valid JSON: near '\"\xff'");
}

TEST_CASE("a safetensors header of another form is refused") {
  const TempFolder dir;
  const auto text = [&](const std::string& header) {
    put(dir / "x", file_of(header, "12345678"));
    const std::string found = error_of(dir, [&] { read_safetensors(dir / "x"); });
    const std::string start = "read_safetensors: DIR/x: byte ";
    CHECK(found.starts_with(start));
    return found.substr(start.size());
  };
  CHECK(text(R"({"a":{"dtype":"F8","shape":[1],"data_offsets":[0,4]}})") ==
        "26: header: 'a': dtype 'F8': expected BOOL, U8 to U64, I8 to I64, F16, BF16, F32 or F64");
  CHECK(text(R"({"a":1})") == "15: header: 'a': expected an object, found a number");
  CHECK(text(R"({"a":{"dtype":1}})") ==
        "24: header: 'a': 'dtype': expected a string, found a number");
  CHECK(text(R"({"a":{"shape":{}}})") ==
        "23: header: 'a': 'shape': expected an array, found an object");
  CHECK(text(R"({"a":{"shape":[[]]}})") ==
        "24: header: 'a': 'shape': expected an integer from 0 to 2^64 - 1, found an array");
  CHECK(
      text(R"({"a":{"shape":[-1]}})") ==
      "26: header: 'a': 'shape': expected an integer from 0 to 2^64 - 1, found a negative number");
  CHECK(text(R"({"a":{"shape":[1.0]}})") ==
        "27: header: 'a': 'shape': expected an integer from 0 to 2^64 - 1, found a real or too "
        "large number");
  CHECK(text(R"({"a":{"shape":[18446744073709551616]}})")
            .ends_with("found a real or too large number"));
  CHECK(text(R"({"a":{"shape":null}})") ==
        "26: header: 'a': 'shape': expected an array, found null");
  CHECK(text(R"({"a":{"strides":[]}})") == "23: header: 'a': unknown key 'strides'");
  CHECK(text(R"({"a":{"shape":[],"shape":[]}})") == "32: header: 'a': 'shape' appears twice");
  CHECK(text(R"({"a":{"dtype":"U8","data_offsets":[0,8]}})") == "48: header: 'a' has no 'shape'");
  CHECK(text(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[8]}})") ==
        "58: header: 'a': 'data_offsets': expected 2 numbers, found 1");
  CHECK(text(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{}})") ==
        "64: header: 'a' appears twice");
  CHECK(text(R"({"__metadata__":{"k":1}})") ==
        "31: header: '__metadata__': 'k': expected a string, found a number");
  CHECK(text(R"({"__metadata__":{"k":"1","k":"2"}})") ==
        "36: header: '__metadata__': 'k' appears twice");
  CHECK(text(R"({"__metadata__":[]})") ==
        "25: header: '__metadata__': expected an object, found an array");
}

TEST_CASE("safetensors offsets must tile the data exactly") {
  const TempFolder dir;
  const auto text = [&](const std::string& header, const std::string& data = "12345678") {
    put(dir / "x", file_of(header, data));
    const std::string found = error_of(dir, [&] { read_safetensors(dir / "x"); });
    const std::string start = "read_safetensors: DIR/x: byte ";
    CHECK(found.starts_with(start));
    return found.substr(start.size());
  };
  const std::string one = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  CHECK(text(one, "1234567") == "69: the data break off: expected 8 bytes, found 7");
  CHECK(text(one, "123456789") == "70: 1 byte too many after the data");
  CHECK(text(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})") ==
        "61: 'a': data_offsets [0, 4] hold 4 bytes, but F32 [2] needs 8");
  CHECK(text(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})") ==
        "81: 'a': data_offsets [0, 0] hold 0 bytes, but F32 [4611686018427387904, 4] needs more "
        "than 2^61");
  CHECK(text(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})") ==
        "61: 'a': data_offsets [4, 8] leave a hole: expected them to begin at 0");
  CHECK(text(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
             R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})") ==
        "114: 'b': data_offsets [2, 6] overlap another tensor's: expected them to begin at 4");
  CHECK(text(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
             R"("b":{"dtype":"U8","shape":[1],"data_offsets":[4,2]}})") ==
        "112: 'b': data_offsets [4, 2] run backwards: expected them to begin at 4");
  CHECK(text(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[4,0]}})") ==
        "60: 'a': data_offsets [4, 0] run backwards: expected them to begin at 0");
}

TEST_CASE("no damage to a safetensors file does worse than a FileError") {
  const TempFolder dir;
  write_safetensors(dir / "x", {{"a", Tensor({2}, DType::kF32)}, {"b", Tensor({1}, DType::kU8)}},
                    {{"k", "v"}});
  const test::Damage result =
      damage(dir / "y", get(dir / "x"), [](const std::string& p) { read_safetensors(p); });
  CHECK(result.cut_read == 0);
  CHECK(result.flip_read >= 9 * 4);
}

TEST_CASE("a deeply nested header takes no memory to speak of") {
  const TempFolder dir;
  put(dir / "x", file_of("{\"a\":" + std::string(1000000, '['), ""));
  CHECK(error_of(dir, [&] { read_safetensors(dir / "x"); }) ==
        "read_safetensors: DIR/x: byte 14: header: 'a': expected an object, found an array");
}

TEST_CASE("write_safetensors refuses what it could not read back") {
  const TempFolder dir;
  const auto text = [&](const std::vector<NamedTensor>& tensors,
                        const std::map<std::string, std::string>& metadata = {}) {
    return error_of<Error>(dir, [&] { write_safetensors(dir / "x", tensors, metadata); });
  };
  const Tensor x({1}, DType::kU8);
  CHECK(text({{"a", x}, {"a", x}}) == "write_safetensors: name used twice or reserved: 'a'");
  CHECK(text({{"__metadata__", x}}) ==
        "write_safetensors: name used twice or reserved: '__metadata__'");
  CHECK(text({{"a", Tensor()}}) == "write_safetensors: the tensor 'a' is undefined");
  CHECK(text({{"\xff", x}}) == "write_safetensors: not UTF-8: \"\\ufffd\"");
  CHECK(text({}, {{"k", "\xc3"}}) == "write_safetensors: not UTF-8: \"\\ufffd\"");
  CHECK(dir.listing().empty());
}
