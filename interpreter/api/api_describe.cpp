// api_describe.cpp - values as JSON, exactly: for programs that compare what a script computed.
// Invariant: floats are written as hexadecimal text, so no digit is lost and nan and inf have a form; a value whose
// text would be beyond all use is left out before it is made.
#include <bit>

#include "interpreter/api/api.h"

namespace inlay {
inline namespace v1 {
namespace detail {
namespace {

using Tag = core::Value::Tag;

/// Bytes of what is described together: a script can make values whose text no memory holds.
constexpr std::uint64_t kMostDescribed = std::uint64_t{64} << 20;

/// Python's float.hex().
std::string hex(double value) {
  if (value != value) return "nan";
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = static_cast<int>((bits >> 52) & 0x7FF);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
  const std::string_view sign = bits >> 63 ? "-" : "";
  if (exponent == 0x7FF) return fmt::format("{}inf", sign);
  if (exponent == 0 && fraction == 0) return fmt::format("{}0x0.0p+0", sign);
  const int power = exponent == 0 ? -1022 : exponent - 1023;
  return fmt::format("{}0x{}.{:013x}p{:+d}", sign, exponent == 0 ? 0 : 1, fraction, power);
}

void describe_number(double value, std::string& out) { out += '"' + hex(value) + '"'; }

void describe_number(complex128 value, std::string& out) {
  out += fmt::format("[\"{}\", \"{}\"]", hex(value.real()), hex(value.imag()));
}

template <class T, class Write>
void describe_elements(const Tensor& tensor, std::string& out, Write write) {
  const T* data = tensor.data<T>();
  for (std::int64_t at = 0; at < tensor.size(); ++at) {
    if (at > 0) out += ", ";
    write(data[at]);
  }
}

void describe_data(const Tensor& given, std::string& out) {
  const auto integer = [&](auto element) { fmt::format_to(std::back_inserter(out), "{}", element); };
  const auto number = [&](auto element) { describe_number(element, out); };
  const Tensor tensor = given.contiguous();
  const core::DType dtype = tensor.dtype();
  if (is_complex(dtype)) return describe_elements<complex128>(cast(tensor, core::DType::complex128), out, number);
  if (is_floating(dtype)) return describe_elements<double>(cast(tensor, core::DType::float64), out, number);
  if (dtype == core::DType::boolean)
    return describe_elements<bool>(tensor, out, [&](bool element) { out += element ? "true" : "false"; });
  if (dtype == core::DType::uint64) return describe_elements<std::uint64_t>(tensor, out, integer);
  describe_elements<std::int64_t>(cast(tensor, core::DType::int64), out, integer);
}

void describe_tensor(const Tensor& tensor, std::string& out) {
  out += fmt::format("{{\"dtype\": \"{}\", \"shape\": [{}], \"data\": [", name(tensor.dtype()),
                     fmt::join(tensor.shape(), ", "));
  describe_data(tensor, out);
  out += "]}";
}

void describe_plain(std::string_view key, std::string_view value, std::string& out) {
  out += fmt::format("{{\"{}\": {}}}", key, value);
}

/// What is no container.
void describe_single(const core::Value& value, std::string& out) {
  switch (value.tag()) {
    case Tag::none:
      return describe_plain("py", "null", out);
    case Tag::boolean:
      return describe_plain("py", value.boolean() ? "true" : "false", out);
    case Tag::integer:
      return describe_plain("py", fmt::format("{}", value.integer()), out);
    case Tag::wide:
      return describe_plain("py", to_str(value), out);
    case Tag::floating:
      return describe_plain("py_float", '"' + hex(value.floating()) + '"', out);
    case Tag::complex: {
      std::string parts;
      describe_number(value.object<ComplexObject>().value, parts);
      return describe_plain("py_complex", parts, out);
    }
    case Tag::string: {
      std::string text;
      describe(value.string(), text);
      return describe_plain("py", text, out);
    }
    case Tag::scalar:
    case Tag::tensor:
      return describe_tensor(value.tensor(), out);
    default:
      return describe_plain("other", fmt::format("\"{}\"", type_name(value)), out);
  }
}

/// Bytes that the text of a value has at least, what is in it left aside.
std::uint64_t least_bytes(const core::Value& value) {
  constexpr std::uint64_t kNumber = 3, kFloat = 12;  // "1, " and ""0x0.0p+0", "
  if (!value.is_tensor()) return value.is_string() ? value.string().size() : 0;
  const bool is_float = is_floating(value.tensor_dtype()) || is_complex(value.tensor_dtype());
  const auto count = static_cast<std::uint64_t>(value.tensor_size());
  return count > kMostDescribed ? count : count * (is_float ? kFloat : kNumber);
}

/// Writes values without recursion; gives up where the text, or what is nested, gets beyond all use.
class Describing {
 public:
  explicit Describing(std::string& out) : out_(out) {}

  /// False if it gave up, the text being unfinished.
  bool describe(const core::Value& value) {
    begin(value);
    while (!open_.empty() && !gives_up_) {
      NestedLevel& level = open_.back();
      if (level.is_over())
        end();
      else
        next(level);
    }
    return !gives_up_;
  }

 private:
  void begin(const core::Value& value) {
    if (out_.size() > kMostDescribed || least_bytes(value) > kMostDescribed - out_.size()) {
      gives_up_ = true;
    } else if (is_container<Into::dicts_too>(value)) {
      gives_up_ = open_.size() == kNestingLimit;
      out_ += value.is(Tag::dict) ? "{\"dict\": [" : value.is(Tag::list) ? "{\"list\": [" : "{\"tuple\": [";
      open_.emplace_back(value);
    } else {
      describe_single(value, out_);
    }
  }

  void next(NestedLevel& level) {
    const bool is_dict = level.container().is(Tag::dict);
    const std::size_t at = level.at();
    if (at > 0) out_ += is_dict ? "], " : ", ";
    const core::Value& element = level.next();
    if (is_dict) {
      out_ += '[';
      gives_up_ = gives_up_ || !Describing(out_).describe(level.container().dictionary().items[at].first);
      out_ += ", ";
    }
    begin(element);
  }

  void end() {
    const bool closes_item = open_.back().container().is(Tag::dict) && open_.back().at() > 0;
    out_ += closes_item ? "]]}" : "]}";
    open_.pop_back();
  }

  std::string& out_;
  std::vector<NestedLevel> open_;
  bool gives_up_ = false;
};

}  // namespace

void describe(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const char32_t code = utf8_decode(text);
    if (code == '"' || code == '\\')
      out += fmt::format("\\{}", static_cast<char>(code));
    else if (code >= 0x20 && code < 0x7F)
      out += static_cast<char>(code);
    else if (code < 0x10000)
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
    else if (code > 0x10FFFF)
      out += "\\ufffd";
    else
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((static_cast<std::uint32_t>(code) - 0x10000) >> 10),
                         0xDC00 + ((static_cast<std::uint32_t>(code) - 0x10000) & 0x3FF));
    text.remove_prefix(size);
  }
  out += '"';
}

void describe(const core::Value& value, std::string& out) {
  const std::size_t begin = out.size();
  if (Describing(out).describe(value)) return;
  out.resize(begin);
  describe_plain("left_out", fmt::format("\"{}\"", type_name(value)), out);
}

}  // namespace detail

std::string Interpreter::reference_json() {
  std::string out;
  for (const PublicName& each : public_names()) {
    const HelpEntry* entry = help_entry(each.name);
    const std::string help = entry == nullptr ? "" : help_text(*entry);
    const std::pair<std::string_view, std::string_view> fields[] = {{"name", each.name},
                                                                    {"signature", each.signature},
                                                                    {"page", entry == nullptr ? "" : entry->page()},
                                                                    {"text", help}};
    for (const auto& [key, text] : fields) {
      out += fmt::format("{}\"{}\": ", key == "name" ? "{" : ", ", key);
      detail::describe(text, out);
    }
    out += "}\n";
  }
  return out;
}

}  // namespace v1
}  // namespace inlay
