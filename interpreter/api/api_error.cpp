// api_error.cpp - Error of the public interface: from what the interpreter throws, and as a report with carets.
// Knows nothing of terminals but their escapes for colour.
// Invariant: of a report, only the first line looks like `Kind: message` (as long as the message is one line).
#include <algorithm>
#include <new>

#include "inlay/inlay.h"
#include "interpreter/api/api.h"

namespace inlay {
inline namespace v1 {

// The kinds are cast by their numbers (to_core, from_core, and in c_api_error.cpp).
#define INLAY_SAME_KIND(kind, c_kind)                                                           \
  static_assert(static_cast<int>(ErrorKind::kind) == static_cast<int>(core::ErrorKind::kind) && \
                static_cast<int>(ErrorKind::kind) == c_kind)
INLAY_SAME_KIND(SyntaxError, INLAY_SYNTAX_ERROR);
INLAY_SAME_KIND(NameError, INLAY_NAME_ERROR);
INLAY_SAME_KIND(TypeError, INLAY_TYPE_ERROR);
INLAY_SAME_KIND(ValueError, INLAY_VALUE_ERROR);
INLAY_SAME_KIND(IndexError, INLAY_INDEX_ERROR);
INLAY_SAME_KIND(KeyError, INLAY_KEY_ERROR);
INLAY_SAME_KIND(AttributeError, INLAY_ATTRIBUTE_ERROR);
INLAY_SAME_KIND(ZeroDivisionError, INLAY_ZERO_DIVISION_ERROR);
INLAY_SAME_KIND(OverflowError, INLAY_OVERFLOW_ERROR);
INLAY_SAME_KIND(AssertionError, INLAY_ASSERTION_ERROR);
INLAY_SAME_KIND(ImportError, INLAY_IMPORT_ERROR);
INLAY_SAME_KIND(MemoryError, INLAY_MEMORY_ERROR);
INLAY_SAME_KIND(RecursionError, INLAY_RECURSION_ERROR);
INLAY_SAME_KIND(LinAlgError, INLAY_LIN_ALG_ERROR);
INLAY_SAME_KIND(LimitExceeded, INLAY_LIMIT_EXCEEDED);
INLAY_SAME_KIND(KeyboardInterrupt, INLAY_KEYBOARD_INTERRUPT);
INLAY_SAME_KIND(RuntimeError, INLAY_RUNTIME_ERROR);
INLAY_SAME_KIND(InternalError, INLAY_INTERNAL_ERROR);
#undef INLAY_SAME_KIND

namespace {

const std::string kEmpty;
/// A source line wider than this is shown in part.
constexpr int kWindow = 100;
/// That much of it before the first caret.
constexpr int kWindowLead = 40;
/// Lines of the calls shown at either end; those between are counted.
constexpr std::size_t kCallsShown = 10;

std::shared_ptr<Error::Data> make_data(ErrorKind kind, std::string message) {
  auto data = std::make_shared<Error::Data>();
  data->kind = kind;
  data->message = std::move(message);
  return data;
}

/// Ranges of code points two columns wide, and of no width; East Asian Width W and F, and combining marks, coarsely.
struct Range {
  char32_t first, last;
};
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
                           {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                           {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range kNarrow[] = {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}};

template <std::size_t N>
bool is_in(char32_t code, const Range (&ranges)[N]) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& r) { return r.first <= code && code <= r.last; });
}

/// One character of a source line as it is shown.
struct Cell {
  std::string text;
  int width;
  bool marked;
};

Cell cell_of(std::string_view character, bool marked) {
  const char32_t code = utf8_decode(character);
  if (character == "\t") return {"    ", 4, marked};
  if (code < 0x20 || code == 0x7F || code > 0x10FFFF) return {"\xEF\xBF\xBD", 1, marked};
  return {std::string(character), is_in(code, kNarrow) ? 0 : is_in(code, kWide) ? 2 : 1, marked};
}

/// The line's characters; those of [begin, end) are marked, at least one is (behind the end of the line, if need be).
std::vector<Cell> cells_of(std::string_view line, std::size_t begin, std::size_t end) {
  std::vector<Cell> cells;
  bool any = false;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t size = utf8_size(line.substr(at));
    const bool marked = at + size > begin && (at < end || (!any && at >= begin));
    any = any || marked;
    cells.push_back(cell_of(line.substr(at, size), marked));
    at += size;
  }
  if (!any) cells.push_back({" ", 1, true});
  return cells;
}

int width_of(std::span<const Cell> cells) {
  int width = 0;
  for (const Cell& cell : cells) width += cell.width;
  return width;
}

/// Cuts a wide line down to the part around the first marked character.
void cut_to_window(std::vector<Cell>& cells) {
  if (width_of(cells) <= kWindow) return;
  const auto mark = std::find_if(cells.begin(), cells.end(), [](const Cell& cell) { return cell.marked; });
  auto first = mark;
  for (int lead = 0; first != cells.begin() && lead < kWindowLead; --first) lead += (first - 1)->width;
  auto last = first;
  for (int width = 0; last != cells.end() && width < kWindow; ++last) width += last->width;
  const bool is_cut_before = first != cells.begin(), is_cut_behind = last != cells.end();
  std::vector<Cell> window(first, last);
  if (is_cut_before) window.insert(window.begin(), {"…", 1, false});
  if (is_cut_behind) window.push_back({"…", 1, false});
  cells = std::move(window);
}

/// Terminal escapes, or nothing.
struct Palette {
  explicit Palette(bool color)
      : kind(color ? "\x1b[1;31m" : ""), place(color ? "\x1b[34m" : ""), off(color ? "\x1b[0m" : "") {}
  std::string_view kind, place, off;
};

/// The source line and the carets under it.
void add_excerpt(std::string& out, const Error::Data& data, const Palette& palette) {
  const std::string_view line = data.source->line(data.position.line);
  const auto start = static_cast<std::size_t>(line.data() - data.source->text().data());
  const std::size_t begin = line.empty() ? 0 : data.span.begin - start;
  const std::size_t end = line.empty() ? 0 : data.span.end - start;
  std::vector<Cell> cells = cells_of(line, begin, end);
  cut_to_window(cells);
  std::string text, carets;
  for (const Cell& cell : cells) {
    text += cell.text;
    carets.append(static_cast<std::size_t>(cell.width), cell.marked ? '^' : ' ');
  }
  text.erase(text.find_last_not_of(' ') + 1);
  carets.erase(carets.find_last_not_of(' ') + 1);
  const std::string number = std::to_string(data.position.line);
  const std::string gutter(number.size() + 2, ' ');
  out += fmt::format("{0}{1}|{2}\n{0} {3} |{2}", palette.place, gutter, palette.off, number);
  out += text.empty() ? "\n" : " " + text + "\n";
  out += fmt::format("{0}{1}|{2} {3}{4}{2}\n", palette.place, gutter, palette.off, palette.kind, carets);
}

/// One line a call, a recursive call's repetitions counted.
std::vector<std::string> call_lines(const std::vector<Call>& calls) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < calls.size();) {
    std::size_t next = at + 1;
    const auto text = [&](std::size_t i) {
      return fmt::format("  in {}, called at {}:{}:{}\n", calls[i].function, calls[i].source, calls[i].line,
                         calls[i].column);
    };
    lines.push_back(text(at));
    while (next < calls.size() && text(next) == lines.back()) ++next;
    if (next - at > 1) lines.push_back(fmt::format("  … {} more like this\n", next - at - 1));
    at = next;
  }
  return lines;
}

void add_calls(std::string& out, const std::vector<Call>& calls) {
  const std::vector<std::string> lines = call_lines(calls);
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (lines.size() > 2 * kCallsShown && at == kCallsShown) {
      out += fmt::format("  … {} more\n", lines.size() - 2 * kCallsShown);
      at = lines.size() - kCallsShown;
    }
    out += lines[at];
  }
}

}  // namespace

std::string_view to_string(ErrorKind kind) { return name(detail::to_core(kind)); }

Error::Error(ErrorKind kind, std::string message) : data_(make_data(kind, std::move(message))) {}
ErrorKind Error::kind() const { return data_->kind; }
const std::string& Error::message() const { return data_->message; }
bool Error::has_place() const { return data_->source != nullptr; }
const std::string& Error::source_name() const { return has_place() ? data_->source->name() : kEmpty; }
int Error::line() const { return has_place() ? static_cast<int>(data_->position.line) : 0; }
int Error::column() const { return has_place() ? static_cast<int>(data_->position.column) : 0; }
std::pair<std::uint32_t, std::uint32_t> Error::span() const { return {data_->span.begin, data_->span.end}; }
const std::vector<Call>& Error::calls() const { return data_->calls; }
const std::vector<ErrorOperand>& Error::operands() const { return data_->operands; }

std::string Error::render(bool color) const {
  const Palette palette(color);
  std::string out = fmt::format("{}{}{}: {}\n", palette.kind, to_string(kind()), palette.off, message());
  if (!has_place()) return out;
  const std::string indent(std::to_string(line()).size() + 1, ' ');
  out += fmt::format("{}{}-->{} {}:{}:{}\n", indent, palette.place, palette.off, source_name(), line(), column());
  add_excerpt(out, *data_, palette);
  add_calls(out, calls());
  return out;
}

Exception::Exception(Error error)
    : std::runtime_error(fmt::format("{}: {}", to_string(error.kind()), error.message())), error_(std::move(error)) {}

namespace detail {

Error from_core(const core::Error& error) { return Error(static_cast<ErrorKind>(error.kind()), error.message()); }

Error located(const core::Error& error, SourcePtr source, Span span) {
  auto data = make_data(static_cast<ErrorKind>(error.kind()), error.message());
  data->position = source->position(span.begin);
  data->source = std::move(source);
  data->span = span;
  return Error(std::move(data));
}

Error from_core(const LocatedError& error) {
  auto data = make_data(static_cast<ErrorKind>(error.kind()), error.message());
  data->position = error.source->position(error.span.begin);
  data->source = error.source;
  data->span = error.span;
  for (const CallSite& call : error.calls) {
    const Position at = call.source->position(call.span.begin);
    data->calls.push_back({call.function, call.source->name(), static_cast<int>(at.line), static_cast<int>(at.column)});
  }
  for (const OperandNote& note : error.operands) {
    const std::span shape(note.shape.data(), note.shape.size());
    data->operands.push_back({std::string(note.type), note.is_tensor, {shape.begin(), shape.end()}});
  }
  return Error(std::move(data));
}

void rethrow_to_script() {
  try {
    throw;
  } catch (const Exception& exception) {
    throw core::Error(to_core(exception.error().kind()), exception.error().message());
  } catch (const core::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw core::Error(core::ErrorKind::MemoryError, "out of memory");
  } catch (const std::exception& exception) {
    throw core::Error(core::ErrorKind::RuntimeError, exception.what());
  } catch (...) {
    throw core::Error(core::ErrorKind::RuntimeError, "the host's function failed");
  }
}

Error out_of_memory() noexcept {
  // A text as short as this is held in place, and nobody counts the holders.
  static const Error::Data data{ErrorKind::MemoryError, "out of memory", {}, {}, {}, {}, {}};
  return Error(std::shared_ptr<const Error::Data>(std::shared_ptr<const Error::Data>(), &data));
}

static Error describe_current() {
  try {
    throw;
  } catch (const LocatedError& error) {
    return from_core(error);
  } catch (const core::Error& error) {
    return from_core(error);
  } catch (const Exception& error) {
    return error.error();
  } catch (const ExitRequest& request) {
    return Error(ErrorKind::RuntimeError,
                 fmt::format("exit({}) was called where only a value was asked for", request.code));
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& error) {
    return Error(ErrorKind::InternalError, error.what());
  } catch (...) {
    return Error(ErrorKind::InternalError, "an exception of no known type");
  }
}

Error current_error() noexcept {
  try {
    return describe_current();
  } catch (...) {  // not even memory for the error
    return out_of_memory();
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace inlay
