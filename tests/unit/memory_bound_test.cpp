// memory_bound_test.cpp - every public name, called with large operands under a limit of memory: what the process
// really takes stays near that limit, whatever comes of the call. This program stands in front of the C library's
// malloc and mmap, through which all memory comes. Invariant: what is measured is the peak of live bytes, ours and the
// libraries'.
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "doctest/doctest.h"
#include "interpreter/files/file_output.h"
#include "interpreter/machine/evaluator.h"
#include "tests/unit/png_parts.h"
#include "tests/unit/public_calls.h"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace {

std::atomic<std::int64_t> live{0}, peak{0};

void count(std::int64_t bytes) {
  const std::int64_t now = live += bytes;
  for (std::int64_t seen = peak; now > seen && !peak.compare_exchange_weak(seen, now);) {
  }
}
void* counted(void* block) {
  count(static_cast<std::int64_t>(malloc_usable_size(block)));
  return block;
}

}  // namespace

extern "C" {
void* malloc(std::size_t bytes) { return counted(__libc_malloc(bytes)); }
void* calloc(std::size_t n, std::size_t bytes) { return counted(__libc_calloc(n, bytes)); }
void* realloc(void* block, std::size_t bytes) {
  const auto before = static_cast<std::int64_t>(malloc_usable_size(block));
  void* const out = __libc_realloc(block, bytes);
  if (out != nullptr || bytes == 0) count(-before);
  return counted(out);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return counted(__libc_memalign(alignment, bytes)); }
int posix_memalign(void** out, std::size_t alignment, std::size_t bytes) {
  *out = counted(__libc_memalign(alignment, bytes));
  return *out == nullptr ? ENOMEM : 0;
}
void free(void* block) {
  count(-static_cast<std::int64_t>(malloc_usable_size(block)));
  __libc_free(block);
}
void* mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
  void* const out = reinterpret_cast<void*>(syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
  if (out != MAP_FAILED) count(static_cast<std::int64_t>(bytes));
  return out;
}
int munmap(void* at, std::size_t bytes) noexcept {
  count(-static_cast<std::int64_t>(bytes));
  return static_cast<int>(syscall(SYS_munmap, at, bytes));
}
}

using namespace inlay;

namespace {

/// Small where they stand, large as what can be made of them.
constexpr std::string_view kOperands[] = {
    "tile(arange(250).astype(uint8), 64000)",
    "random.default_rng(1).random(1000000)",
    "random.default_rng(1).random((1000, 1000)) > 0.5",
    "list(range(500000))",
    "'a\\tword\\n' * 2000000",
    "'{0}' * 100000",
    "[str(i) for i in range(100000)]",
    "{str(i): i for i in range(100000)}",
    "{97: 'b' * 1000000}",
    "range(10000000)",
    "1000000",
    "50000000",
};
/// What files make of texts and of what they claim; without files the same calls are refused before anything is made.
constexpr std::string_view kFileStatements[] = {
    "savetxt('f', ones((3, 1000)), fmt=['%f ' * 10**6] * 1000)",
    "savetxt('f', ones((3, 1)), header='\\n' * 10**6, comments='#' * 10**6)",
    "savetxt('f', ones((1, 10**4)), fmt='%f' + 'a' * 10**6)",
    "savetxt('f', ones((1, 10**4)), delimiter='a' * 10**6)",
    "savetxt('f', 1j * ones((10, 10**4)), delimiter='+-' * 10**5)",
    "savetxt('f', ones((10**5, 1)), newline='a' * 10**6)",
    "savetxt('f', ones((1, 10**7)), fmt='%d')",
    "savetxt('f', ones(3), fmt='%%' * (3 * 10**7))",
    "ones(10**6).tofile('f', sep='a' * 10**6)",
    "ones(10**6).tofile('f', sep=',', format='%1000000f')",
    "loadtxt(['1 2 3'], comments=['a' * 10**6] * 3000)",
    "loadtxt(['1 ' * 10**6] * 3000)",
    "loadtxt(['1 ' * (2 * 10**7)])",
    "loadtxt(['1 ' * (2 * 10**7)], quotechar='q')",
    "loadtxt(['q' + 'a' * (6 * 10**7)], quotechar='q')",
    "loadtxt('lines', dtype=complex)",
    "genfromtxt(['1 ' * 10**6] * 3000)",
    "genfromtxt(['\\n' * 10**7])",
    "genfromtxt('lines')",
    "fromfile('lines', sep=' ')",
    "fromfile('lines', dtype=bool)",
    "imread('claims')",
    "imread('texts')",
    "imsave('f.png', random.default_rng(1).integers(0, 256, (6000, 6000), dtype=uint8))",
};
constexpr std::uint64_t kMemory = std::uint64_t{128} << 20;
/// An operation may hold as much again while it runs: what grows by doubling, the tensors that a list is made into.
constexpr double kFactor = 2;
constexpr std::int64_t kAllowance = 24 << 20;

/// A file of many short lines; a picture that claims 30000 times 30000 samples; one with texts that inflate to 1.4 GB.
std::string lent_file(const std::string& name) {
  if (name == "claims") return png_of(30000, 30000, false, "");
  std::string out;
  if (name == "lines") {
    for (int line = 0; line < 1 << 22; ++line) out += "1 2\n";
    return out;
  }
  const std::string keyword = "Comment" + std::string(2, '\0');
  const std::string text = png_chunk("zTXt", keyword + deflated(std::string(7'000'000, 'a')));
  for (int each = 0; each < 200; ++each) out += text;
  return png_of(1, 1, false, std::string(2, '\0'), out);
}

class Session {
 public:
  Session() : evaluator_(host()) {
    run("import math\nimport tensorflow as tf\ntext = 'a word, ' * 1000000\nvalues = list(range(100000))\n"
        "items = {str(i): i for i in range(10000)}\ngenerator = random.default_rng(1)\n");
  }
  bool run(const std::string& text) {
    try {
      evaluator_.run(evaluator_.compile(std::make_shared<Source>("call", text)));
      return true;
    } catch (const Error&) {
    } catch (const ExitRequest&) {
    }
    return false;
  }
  /// Bytes that the call took beyond what the limit left.
  std::int64_t excess(const std::string& text) {
    run("y = 0\n");
    const auto left = static_cast<double>(kMemory - evaluator_.runtime_context().budget.usage().memory);
    const std::int64_t before = live;
    peak = before;
    run(text);
    return peak - before - static_cast<std::int64_t>(kFactor * left) - kAllowance;
  }

 private:
  static Host host() {
    Host host;
    host.limits.memory = kMemory;
    host.limits.seconds = 2;
    host.files = {lent_file, [](const std::string&, std::string_view) {}};
    return host;
  }
  Evaluator evaluator_;
};

/// Makes each `every`-th call.
void check_memory(std::size_t every) {
  Session session;
  std::size_t asked = 0;
  for (const std::string_view operand : kOperands) {
    REQUIRE(session.run("x0 = " + std::string(operand) + "\n"));
    for (const PublicName& name : public_names()) {
      for (const std::string& call : calls_with(name, "x0", "array([1, 2, 3])")) {
        if (++asked % every != 0) continue;
        const std::int64_t excess = session.excess("y = " + call + "\n");
        CHECK_MESSAGE(excess <= 0, operand << ": " << call << " took " << (excess >> 20) << " MiB too many");
      }
    }
  }
}

}  // namespace

TEST_CASE("some calls of every name stay within their memory") { check_memory(17); }

TEST_CASE("every call of every name stays within its memory" * doctest::skip()) { check_memory(1); }

TEST_CASE("the tape of a gradient and the text of a tensor stay within their memory") {
  Session session;
  for (const char* statements :
       {"def f(x):\n    while True: x = x * 1.0\n    return x\ny = grad(f)(1.0)\n",
        "def f(x):\n    while True: x = sin(x)\n    return x\ny = grad(f)(1.0)\n",
        "def f(x):\n    while True: x = split(x, 2)[0] * 2\n    return x\ny = grad(f)(ones(2))\n",
        "set_printoptions(nanstr='a' * 10**7)\ny = str(full(100, nan))\n",
        "set_printoptions(infstr='a' * 10**7)\ny = str(full((10, 10), inf * 1j))\n",
        "y = array2string(ones((3, 3)), separator='a' * (3 * 10**7))\n",
        "y = array2string(ones(500), separator='a' * (3 * 10**6))\n",
        "y = array2string(ones((2,) * 9), prefix='a' * 10**6)\n"}) {
    const std::int64_t excess = session.excess(statements);
    CHECK_MESSAGE(excess <= 0, statements << " took " << (excess >> 20) << " MiB too many");
  }
}

TEST_CASE("finding duplicates stays within its memory") {
  Session session;
  REQUIRE(session.run("x = zeros(6000000, dtype=uint8); i = arange(6000000)\n"));
  for (const char* duplicates : {"first", "error"}) {
    const std::int64_t excess = session.excess("y = x.at[i].set(1, duplicates='" + std::string(duplicates) + "')\n");
    CHECK_MESSAGE(excess <= 0, duplicates << " took " << (excess >> 20) << " MiB too many");
  }
}

TEST_CASE("files of any texts, and what they are read to, stay within their memory") {
  Session session;
  for (const std::string_view statement : kFileStatements) {
    const std::int64_t excess = session.excess("y = " + std::string(statement) + "\n");
    CHECK_MESSAGE(excess <= 0, statement << " took " << (excess >> 20) << " MiB too many");
  }
}

namespace {

/// A disk that forgets.
struct Nowhere final : FileOutput {
  void add(std::string_view bytes) override { size += bytes.size(); }
  void set(std::uint64_t, std::string_view) override {}
  std::uint64_t size = 0;
};

std::int64_t peak_of(Evaluator& evaluator, const std::string& statement) {
  const ir::ProgramPtr program = evaluator.compile(std::make_shared<Source>("call", statement + "\n"));
  const std::int64_t before = live;
  peak = before;
  evaluator.run(program);
  return peak - before;
}

}  // namespace

TEST_CASE("what is saved is not put together in memory") {
  Host host;
  std::uint64_t written = 0;
  host.files.write_parts = [&](const std::string&, const std::function<void(FileOutput&)>& contents) {
    Nowhere out;
    contents(out);
    written = out.size;
  };
  Evaluator evaluator(host);
  peak_of(evaluator,
          "x = arange(4000000.0).reshape(2000, 2000); p = zeros((2000, 2000, 3), dtype=uint8) + 1; "
          "p[::3, ::7] = 200");
  for (const char* statement :
       {"save('f', x)", "save('f', x.T)", "savez('f', x, x.T, x[::2, ::-1])", "savez_compressed('f', x)",
        "x.tofile('f')", "x.T.tofile('f')", "x[:300].tofile('f', sep=',')", "savetxt('f', x[:300])",
        "savetxt('f', x[:300], fmt='%.100f')", "imsave('f.png', p)"}) {
    (void)peak_of(evaluator, statement);  // what is made once
    const std::int64_t taken = peak_of(evaluator, statement);
    CHECK_MESSAGE(taken < 9 << 20, statement << " took " << (taken >> 10) << " KiB");
    CHECK_MESSAGE(written > 10000, statement << " wrote " << written << " bytes");
  }
}

TEST_CASE("where files are whole, the whole is charged") {
  Host host;
  host.limits.memory = 100 << 20;
  std::size_t written = 0;
  host.files.write = [&](const std::string&, std::string_view bytes) { written = bytes.size(); };
  Evaluator evaluator(host);
  peak_of(evaluator, "x = zeros(8 << 20)");
  CHECK_THROWS_AS(peak_of(evaluator, "save('f', x)"), Error);
  CHECK_THROWS_AS(peak_of(evaluator, "savez('f', x)"), Error);
  CHECK(written == 0);
  peak_of(evaluator, "save('f', x[:1 << 20])");
  CHECK(written > 8 << 20);
}

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

/// What compiling a text takes at most, and joining it with variables, for each of its bytes.
std::int64_t taken_per_byte(const std::string& text) {
  Evaluator evaluator(Host{});
  evaluator.run(evaluator.compile(std::make_shared<Source>("names", "x = y = m = n = 1\n")));
  const std::int64_t before = live;
  peak = before;
  const ir::ProgramPtr program = evaluator.compile(std::make_shared<Source>("text", text));
  const auto linked = evaluator.prepare(program);
  return (peak - before) / static_cast<std::int64_t>(text.size());
}

/// Lines that are repeated until they are a long text.
constexpr const char* kLines[] = {"x\n",
                                  "1\n",
                                  "x=1\n",
                                  "x=y\n",
                                  "-x\n",
                                  "x.T\n",
                                  "x()\n",
                                  "x.m()\n",
                                  "x(y=1)\n",
                                  "x[0]\n",
                                  "x[:]\n",
                                  "x[:,:]\n",
                                  "x[0]=1\n",
                                  "x[:]=1\n",
                                  "x[m]=y\n",
                                  "x.T[0]=1\n",
                                  "x[0][0]+=1\n",
                                  "x+=1\n",
                                  "x,y=m\n",
                                  "del x;x=1\n",
                                  "''\n",
                                  "f''\n",
                                  "f'{x}'\n",
                                  "f'{x:{y}}'\n",
                                  "[]\n",
                                  "{}\n",
                                  "{x:y}\n",
                                  "x<y\n",
                                  "x<y<m\n",
                                  "x or y\n",
                                  "not x\n",
                                  "x if y else m\n",
                                  "if x:y\n",
                                  "while x:break\n",
                                  "for i in x:y\n",
                                  "def f():0\n",
                                  "def f(i=x):i\n",
                                  "def f():x\n",
                                  "lambda:0\n",
                                  "lambda:x\n",
                                  "lambda i:i\n",
                                  "[i for i in x]\n",
                                  "[i for i in x if i]\n",
                                  "x=x*y+m\n",
                                  "x=x[y]+m\n",
                                  "assert x\n",
                                  "x in y\n",
                                  "x@y\n",
                                  "sum(x)\n",
                                  "x.append(y)\n",
                                  "add.at(x,y,m)\n",
                                  "where(x,y,m)\n",
                                  "x=x*2;x=x+1\n"};

/// Lines with one part so often.
struct Chain {
  std::string begin, part, end;
  std::size_t times;
};
const Chain kChains[] = {
    {"x=(", "1,", ")\n", 15000},        {"x=(", "y,", ")\n", 15000},        {"x=[", "[],", "]\n", 10000},
    {"x={", "y:y,", "}\n", 7000},       {"x(", "y,", ")\n", 10000},         {"x[", "y,", "]\n", 10000},
    {"x[", ":,", "]\n", 10000},         {"f'", "{x}", "'\n", 10000},        {"x=y", "+y", "\n", 890},
    {"x=y", " or y", "\n", 890},        {"x=y", "<y", "\n", 890},           {"x=", "-", "y\n", 890},
    {"x", "[0]", "=1\n", 890},          {"x", ".T", "=1\n", 890},           {"x", "()", "\n", 890},
    {"x=y", " if y else y", "\n", 150}, {"if x:0\n", "elif x:0\n", "", 890}};

/// Text nested as deep as it may be.
std::vector<std::string> nested_texts() {
  std::string lists = "x";
  for (int depth = 0; depth < 190; ++depth) lists = "[" + lists + " for i in x]";
  std::string blocks;
  for (int depth = 0; depth < 90; ++depth) blocks += std::string(static_cast<std::size_t>(depth), ' ') + "if x:\n";
  return {repeated("y=" + lists + "\n", 10), repeated(blocks + std::string(90, ' ') + "x\n", 8)};
}

}  // namespace

TEST_CASE("compiling takes at most 1500 bytes for each byte of the text (docs/limits.md)") {
  std::vector<std::string> texts = nested_texts();
  for (const char* line : kLines) texts.push_back(repeated(line, 30000 / std::strlen(line)));
  for (const Chain& chain : kChains)
    texts.push_back(repeated(chain.begin + repeated(chain.part, chain.times) + chain.end,
                             30000 / (chain.part.size() * chain.times) + 1));
  for (const std::string& text : texts) {
    const std::int64_t taken = taken_per_byte(text);
    CHECK_MESSAGE(taken < 1500, text.substr(0, 40) << " took " << taken << " bytes for each byte");
  }
}

TEST_CASE("programs take memory as their texts are long") {
  std::string line = "y = x";
  for (int at = 0; at < 890; ++at) line += " or x";
  std::string text = "x = 1\n";
  for (int at = 0; at < 20; ++at) text += line + "\n";
  Evaluator evaluator(Host{});
  const std::int64_t taken = peak_of(evaluator, text);
  CHECK_MESSAGE(taken < 60 << 20, "20 lines of 890 'or' took " << (taken >> 20) << " MiB");
}
