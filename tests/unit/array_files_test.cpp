// array_files_test.cpp - files against NumPy's bytes, text tables against loadtxt and savetxt, and files that mean
// harm.
#include "interpreter/files/array_files.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "interpreter/files/file_output.h"
#include "interpreter/texts/format_tensor.h"
#include "runtime/dtypes/cast.h"
#include "runtime/memory/context.h"

using namespace inlay;

namespace {

struct NpyRow {
  const char* repr;
  const char* hex;
};
struct LoadRow {
  const char* text;
  const char* dtype;
  std::vector<std::string_view> comments;
  const char* delimiter;
  std::int64_t skiprows;
  std::optional<std::vector<std::int64_t>> usecols;
  std::int64_t ndmin;
  std::optional<std::int64_t> max_rows;
  const char* repr;
  const char* error;
};
struct SaveRow {
  const char* npy;
  SaveTextOptions options;
  const char* text;
  const char* error;
};

const NpyRow kSame[] = {
#include "tests/data/npy_same.inc"
};
const NpyRow kOther[] = {
#include "tests/data/npy_other.inc"
};
const char* const kArchives[] = {
#include "tests/data/npz.inc"
};
const LoadRow kLoads[] = {
#include "tests/data/load_text.inc"
};
const SaveRow kSaves[] = {
#include "tests/data/save_text.inc"
};

std::string npy_of(const Tensor& x) {
  std::string out;
  write_npy(x, [&](std::string_view piece) { out += piece; });
  return out;
}
std::string npz_of(const NamedTensors& tensors, bool compressed) {
  MemoryOutput out;
  write_npz(tensors, compressed, out);
  return out.text();
}
std::string text_of(const Tensor& x, const SaveTextOptions& options) {
  std::string out;
  save_text(x, options, [&](std::string_view piece) { out += piece; });
  return out;
}

int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string bytes_of(const char* hex) {
  std::string bytes;
  for (; *hex != 0; hex += 2) bytes += static_cast<char>(16 * nibble(hex[0]) + nibble(hex[1]));
  return bytes;
}

/// A version 1.0 file with this header and `size` bytes of elements.
std::string npy_with(const std::string& header, std::size_t size) {
  std::string bytes = "\x93NUMPY";
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  return bytes + header + std::string(size, '\x01');
}

NamedTensors sample() {
  return {{"first", Tensor::of<double>({0, 1, 2, 3})}, {"second", Tensor::zeros(DType::uint8, {2, 300})}};
}

/// While it lives no file can be made larger than this.
class LargestFile {
 public:
  explicit LargestFile(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~LargestFile() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  LargestFile(const LargestFile&) = delete;
  LargestFile& operator=(const LargestFile&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

/// Every way of cutting `bytes` short and of changing one of them: an error or a tensor, never anything else.
template <class Read>
void damage(const std::string& bytes, const Read& read) {
  const auto survives = [&](const std::string& damaged) {
    try {
      read(damaged);
    } catch (const Error&) {
      return true;
    }
    return true;
  };
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(survives(bytes.substr(0, size)));
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const char c : {'\x00', '\xFF', '9', '\x80'}) {
      std::string damaged = bytes;
      damaged[at] = c;
      CHECK(survives(damaged));
    }
}

}  // namespace

TEST_CASE("a .npy file is the one that np.save writes") {
  for (const NpyRow& row : kSame) {
    const std::string bytes = bytes_of(row.hex);
    const Tensor tensor = read_npy(bytes);
    CHECK(repr(tensor) == row.repr);
    CHECK(npy_of(tensor) == bytes);
  }
}

TEST_CASE("other byte orders, Fortran order and later versions are read") {
  for (const NpyRow& row : kOther) CHECK(repr(read_npy(bytes_of(row.hex))) == row.repr);
}

TEST_CASE("bfloat16 and views survive a file") {
  Tensor x = Tensor::empty(DType::bfloat16, {2});
  x.mutable_data<BFloat16>()[0] = {0x3F80};
  x.mutable_data<BFloat16>()[1] = {0xC020};
  CHECK(repr(read_npy(npy_of(x))) == "array([ 1. , -2.5], dtype=bfloat16)");
  const Tensor view = Tensor::of<std::int64_t>({1, 2, 3, 4}).view({2, 2}, {8, 16});
  CHECK(to_string(read_npy(npy_of(view))) == "[[1 3]\n [2 4]]");
}

TEST_CASE("bad .npy files are errors that say why") {
  struct Row {
    std::string bytes;
    const char* message;
  };
  const auto described = [](const char* descr) {
    return npy_with(std::string("{'descr': ") + descr + ", 'fortran_order': False, 'shape': (1,), }", 64);
  };
  const auto shaped = [](const char* shape) {
    return npy_with(std::string("{'descr': '<f8', 'fortran_order': False, 'shape': ") + shape + ", }", 64);
  };
  const Row rows[] = {
      {"", "EOF: reading magic string, expected 8 bytes got 0"},
      {"hello, this is no array", "the magic string is not correct; expected '\\x93NUMPY', got 'hello,'"},
      {std::string("\x93NUMPY\x07\x00", 8), "we only support format version (1,0), (2,0), and (3,0), not (7, 0)"},
      {std::string("\x93NUMPY\x01\x00\xFF\xFF", 10), "EOF: reading array header, expected 65535 bytes got 0"},
      {described("'|O'"), "Object arrays cannot be loaded when allow_pickle=False"},
      {described("'<U3'"), "arrays of dtype '<U3' cannot be loaded"},
      {described("'<f16'"), "arrays of dtype '<f16' cannot be loaded"},
      {described("[('a', '<f8')]"), "arrays of structures cannot be loaded"},
      {shaped("(1000,)"),
       "Failed to read all data for array. Expected (1000,) = 1000 elements, could only read 8 elements. (file seems "
       "not fully written?)"},
      {npy_with("{'descr': '<f8'}", 8), "Header does not contain the correct keys: \"{'descr': '<f8'}\""},
      {npy_with("import os", 8), "Cannot parse header: 'import os'"},
      {std::string("\x93NUMPY\x00\x00", 8), "we only support format version (1,0), (2,0), and (3,0), not (0, 0)"},
      {std::string("\x93NUMPY\x01\x02", 8), "we only support format version (1,0), (2,0), and (3,0), not (1, 2)"},
      {std::string("\x93NUMPY\x02\x00\x11\x27\x00\x00", 12) + std::string(10001, ' '),
       "Header info length (10001) is large and may not be safe to load securely."},
      {described("''"), "arrays of dtype '' cannot be loaded"},
      {described("('<f8', (2,))"), "arrays of structures cannot be loaded"},
      {npy_with("{'descr': '<f8", 8), "Cannot parse header: \"{'descr': '<f8\""},
      {npy_with("{'descr': ", 8), "Cannot parse header: \"{'descr': \""},
      {npy_with("{'descr' '<f8'}", 8), "Cannot parse header: \"{'descr' '<f8'}\""},
      {npy_with("{'descr': '<f8' 'shape': ()}", 8), "Cannot parse header: \"{'descr': '<f8' 'shape': ()}\""},
      {npy_with("{'descr': <f8}", 8), "Cannot parse header: \"{'descr': <f8}\""},
      {npy_with("{'fortran_order': 0}", 8), "Cannot parse header: \"{'fortran_order': 0}\""},
      {npy_with("{'shape': (1 2)}", 8), "Cannot parse header: \"{'shape': (1 2)}\""},
      {npy_with("{'shape': 3}", 8), "Cannot parse header: \"{'shape': 3}\""},
      {npy_with("{'shape': (x,)}", 8), "shape is not valid: \"{'shape': (x,)}\""},
      {npy_with("{'shape': (-1,)}", 8), "shape is not valid: \"{'shape': (-1,)}\""},
      {npy_with("{'align': 1}", 8), "Header does not contain the correct keys: \"{'align': 1}\""},
      {npy_with("{} {}", 8), "Cannot parse header: '{} {}'"},
  };
  for (const Row& row : rows) CHECK_THROWS_WITH(read_npy(row.bytes), row.message);
  CHECK_THROWS_AS(read_npy(shaped("(-1,)")), Error);
  CHECK_THROWS_AS(read_npy(shaped("(4611686018427387904, 4611686018427387904)")), Error);
  CHECK_THROWS_AS(read_npy(shaped("(99999999999999999999,)")), Error);
}

TEST_CASE("Python 2's long sizes are read, and any byte but 0 is True") {
  CHECK(repr(read_npy(npy_with("{'descr': '|b1', 'fortran_order': False, 'shape': (3L,), }", 3))) ==
        "array([ True,  True,  True])");
  CHECK(repr(read_npy(npy_with("{\"descr\": '>i1', 'fortran_order': False, 'shape': (2)}", 2))) ==
        "array([1, 1], dtype=int8)");
}

TEST_CASE("archives of np.savez and np.savez_compressed are read") {
  for (const char* hex : kArchives) {
    const std::string bytes = bytes_of(hex);
    CHECK(is_npz(bytes));
    const NamedTensors tensors = read_npz(bytes);
    REQUIRE(tensors.size() == 2);
    CHECK(tensors[0].first == "first");
    CHECK(repr(tensors[0].second) == "array([0., 1., 2., 3.])");
    CHECK(npy_of(tensors[1].second) == npy_of(sample()[1].second));
  }
}

TEST_CASE("an archive is the one that np.savez writes") {
  CHECK(npz_of(read_npz(bytes_of(kArchives[0])), false) == bytes_of(kArchives[0]));
  // Another zlib may deflate otherwise; what stands around it is the same.
  const std::string deflated = npz_of(read_npz(bytes_of(kArchives[1])), true), wanted = bytes_of(kArchives[1]);
  const std::size_t header = std::string_view(deflated).find(".npy") + 8;
  CHECK(deflated.substr(0, header) == wanted.substr(0, header));
  CHECK(deflated.substr(deflated.size() - 22, 12) == wanted.substr(wanted.size() - 22, 12));
}

TEST_CASE("archives survive writing and reading") {
  for (const bool compressed : {false, true}) {
    const std::string bytes = npz_of(sample(), compressed);
    CHECK(compressed == (bytes.size() < 600));
    const NamedTensors back = read_npz(bytes);
    REQUIRE(back.size() == 2);
    for (std::size_t at = 0; at < 2; ++at) {
      CHECK(back[at].first == sample()[at].first);
      CHECK(npy_of(back[at].second) == npy_of(sample()[at].second));
    }
  }
  CHECK(is_npz(npz_of({}, false)));
  CHECK_FALSE(is_npz(npy_of(Tensor::scalar(1.0))));
  CHECK(read_npz(npz_of({}, false)).empty());
}

TEST_CASE("archives that are no archives of arrays are errors that say why") {
  const std::string good = npz_of(sample(), false);
  const std::size_t first = good.find("PK\x01\x02"), second = good.find("PK\x01\x02", first + 1);
  const auto with = [&](std::initializer_list<std::pair<std::size_t, char>> changes, std::string end = "") {
    std::string bytes = good;
    for (const auto& [at, byte] : changes) bytes[at] = byte;
    return bytes + end;
  };
  const auto method = with({{8, 99}, {first + 10, 99}});
  const auto checksum = with({{14, 0}, {15, 0}, {first + 16, 0}, {first + 17, 0}});
  const auto other = with({{first + 46 + 8, 'x'}, {30 + 8, 'x'}});
  const auto next = with({{second, 'X'}});
  const auto name = with({{first + 29, '\x20'}, {good.size() - 1, '\x40'}}, std::string(0x4000, ' '));
  CHECK_THROWS_WITH(read_npz(method), "cannot open 'first.npy' in the archive");
  CHECK_THROWS_WITH(read_npz(checksum), "Bad CRC-32 for file 'first.npy'");
  CHECK_THROWS_WITH(read_npz(next), "File is not a zip file");
  CHECK_THROWS_WITH(read_npz(name), "File is not a zip file");
  CHECK_THROWS_WITH(read_npz("PK\x03\x04"), "File is not a zip file");
  CHECK(read_npz(other).size() == 1);  // what is no .npy file is left alone
  CHECK_THROWS_WITH(npz_of({{std::string(4092, 'n'), Tensor::scalar(1.0)}}, false),
                    "the name of an array in an archive is too long");
}

TEST_CASE("damaged files are errors, never crashes") {
  damage(npy_of(Tensor::of<double>({1, 2})), [](const std::string& bytes) { read_npy(bytes); });
  for (const bool compressed : {false, true})
    damage(npz_of(sample(), compressed), [](const std::string& bytes) { read_npz(bytes); });
}

TEST_CASE("load_text is loadtxt") {
  for (const LoadRow& row : kLoads) {
    CAPTURE(std::string(row.text));
    LoadTextOptions options{DType::float64, row.comments, row.delimiter, row.skiprows,
                            row.usecols,    row.ndmin,    row.max_rows};
    REQUIRE(find_dtype(row.dtype, options.dtype));
    try {
      const std::string text = repr(load_text(row.text, options));
      CHECK(text == (row.repr != nullptr ? row.repr : std::string("error: ") + row.error));
    } catch (const Error& error) {
      CHECK(error.message() == (row.error != nullptr ? row.error : std::string("text: ") + row.repr));
    }
  }
}

TEST_CASE("load_text: quotes, comments, columns and what is no number, as loadtxt has them") {
  struct Row {
    const char* text;
    LoadTextOptions options;
    const char* expected;
  };
  const Row rows[] = {
      {"1,'2',3\n4,5,6\n", {.delimiter = ",", .quote = "'"}, "array([[1., 2., 3.],\n       [4., 5., 6.]])"},
      {"'1' '2'\n 3 '4' \n", {.quote = "'"}, "array([[1., 2.],\n       [3., 4.]])"},
      {"'1''0' 2\n", {.quote = "'"}, "could not convert string \"1'0\" to float64 at row 0, column 1."},
      {"1,'2\n',3\n", {.delimiter = ",", .quote = "'"}, "array([1., 2., 3.])"},
      {"1,2 # 3\n# all\n4,5\n", {.delimiter = ",", .quote = "'"}, "array([[1., 2.],\n       [4., 5.]])"},
      {"1 2 # 3\n", {.quote = "'"}, "array([1., 2.])"},
      {"1 2# x\r\n3 4\r\n", {.quote = "'"}, "array([[1., 2.],\n       [3., 4.]])"},
      {"1,2\n\n3,4", {.delimiter = ",", .quote = "\""}, "array([[1., 2.],\n       [3., 4.]])"},
      {"skip 'me\n1 2\n", {.skiprows = 1, .quote = "'"}, "array([1., 2.])"},
      {"1 2\n   \n3 4\n", {.quote = "'"}, "array([[1., 2.],\n       [3., 4.]])"},
      {"'1'5 2\n", {.quote = "'"}, "array([15.,  2.])"},
      {"1 2\n3 4 ", {.quote = "'"}, "array([[1., 2.],\n       [3., 4.]])"},
      {"1 '2", {.quote = "'"}, "array([1., 2.])"},
      {"1,\n", {.delimiter = ",", .quote = "'"}, "could not convert string '' to float64 at row 0, column 2."},
      {"1,", {.delimiter = ",", .quote = "'"}, "could not convert string '' to float64 at row 0, column 2."},
      {"1,# 2\n", {.delimiter = ",", .quote = "'"}, "could not convert string '' to float64 at row 0, column 2."},
      {"1,'#2'\n", {.delimiter = ",", .quote = "'"}, "could not convert string '#2' to float64 at row 0, column 2."},
      {"1#2\n", {.comments = {}}, "could not convert string '1#2' to float64 at row 0, column 1."},
      {"1 2\n", {.comments = {"", "%"}}, "comments cannot be an empty string. Use comments=None to disable comments."},
      {"1 2\n", {.usecols = std::vector<std::int64_t>{-3}}, "invalid column index -3 at row 1 with 2 columns"},
      {"1 2\n", {.usecols = std::vector<std::int64_t>{2}}, "invalid column index 2 at row 1 with 2 columns"},
      {"1,\"2\"\n", {.delimiter = ",", .usecols = std::vector<std::int64_t>{-1, 0}, .quote = "\""}, "array([2., 1.])"},
      {"1_0\n", {.dtype = DType::int64}, "could not convert string '1_0' to int64 at row 0, column 1."},
      {"1_0\n", {.dtype = DType::uint8}, "could not convert string '1_0' to uint8 at row 0, column 1."},
      {"1_0\n", {.dtype = DType::complex128}, "could not convert string '1_0' to complex128 at row 0, column 1."},
      {"1+j\n", {.dtype = DType::complex128}, "could not convert string '1+j' to complex128 at row 0, column 1."},
      {"j\n", {.dtype = DType::complex128}, "could not convert string 'j' to complex128 at row 0, column 1."},
      {"(1+j)\n", {.dtype = DType::complex128}, "could not convert string '(1+j)' to complex128 at row 0, column 1."},
      {"x\n", {.dtype = DType::complex128}, "could not convert string 'x' to complex128 at row 0, column 1."},
      {"1+2j (3-4j)\n", {.dtype = DType::complex128}, "array([1.+2.j, 3.-4.j])"},
      {"-0\n", {.dtype = DType::uint64}, "could not convert string '-0' to uint64 at row 0, column 1."},
      {"-1\n", {.dtype = DType::uint64}, "could not convert string '-1' to uint64 at row 0, column 1."},
      {"1\n", {.ndmin = -1}, "Illegal value of ndmin keyword: -1"},
      {"1\n", {.ndmin = 3}, "Illegal value of ndmin keyword: 3"},
      {"1\n",
       {.delimiter = "ab"},
       "Text reading control character must be a single unicode character or None; but got: 'ab'"},
      {"1\n",
       {.quote = "ab"},
       "Text reading control character must be a single unicode character or None; but got: 'ab'"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    std::string got;
    try {
      got = repr(load_text(row.text, row.options));
    } catch (const Error& error) {
      got = error.message();
    }
    CHECK(got == row.expected);
  }
}

TEST_CASE("texts as numbers, and which of them are any") {
  const auto shown = [](const std::vector<std::string_view>& texts, DType dtype) {
    const ParsedTexts parsed = parse_texts(texts, dtype);
    return to_string(parsed.numbers) + " " + to_string(parsed.valid);
  };
  CHECK(shown({"True", "FALSE", "yes", "{"}, DType::boolean) == "[ True False False False] [ True  True False False]");
  CHECK(shown({"1_0", "-7", "x"}, DType::int8) == "[10 -7  0] [ True  True False]");
  CHECK(shown({"255", "-1", "1.5"}, DType::uint8) == "[255   0   0] [ True False False]");
  CHECK(shown({"1e400", "nan", ""}, DType::float32) == "[inf nan  0.] [ True  True False]");
  CHECK(shown({"j", "1-2j", "(1"}, DType::complex64) == "[0.+1.j 1.-2.j 0.+0.j] [ True  True False]");
  CHECK_THROWS_WITH(parse_texts({"300"}, DType::int8), "Python integer 300 out of bounds for int8");
}

TEST_CASE("save_text is savetxt") {
  for (const SaveRow& row : kSaves) {
    CAPTURE(std::string(row.options.formats.front()));
    try {
      const std::string text = text_of(read_npy(bytes_of(row.npy)), row.options);
      CHECK(text == (row.text != nullptr ? row.text : std::string("error: ") + row.error));
    } catch (const Error& error) {
      CHECK(error.message() == (row.error != nullptr ? row.error : std::string("text: ") + row.text));
    }
  }
}

TEST_CASE("absurd widths are errors") {
  CHECK_THROWS_WITH(text_of(Tensor::of<double>({1}), {.formats = {"%99999999d"}}), "width too big");
  CHECK_THROWS_WITH(text_of(Tensor::of<double>({1}), {.formats = {"%.99999999999999999999f"}}), "width too big");
}

namespace {

/// A folder of the system's for temporary files, empty at first, that goes with this.
struct TemporaryFolder {
  explicit TemporaryFolder(const char* name) : path(std::filesystem::temp_directory_path() / name) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path path;
};

}  // namespace

TEST_CASE("host files are replaced whole, and refusals name the file") {
  namespace fs = std::filesystem;
  const FileSystem files = host_files();
  const TemporaryFolder temporary("inlay_array_files_test");
  const fs::path& folder = temporary.path;
  const std::string path = (folder / "x.npy").string();
  files.write(path, "first");
  files.write(path, std::string(200000, 'x'));
  CHECK(files.read(path) == std::string(200000, 'x'));
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
  const std::string missing = (folder / "none" / "y").string();
  CHECK_THROWS_WITH(files.read(missing),
                    doctest::String(("[Errno 2] No such file or directory: '" + missing + "'").c_str()));
  CHECK_THROWS_AS(files.write(missing, "y"), Error);
  CHECK_THROWS_AS(files.read(folder.string()), Error);
}

TEST_CASE("host files: leftovers, links and devices") {
  namespace fs = std::filesystem;
  const FileSystem files = host_files();
  const TemporaryFolder temporary("inlay_host_files_test");
  const fs::path& folder = temporary.path;
  const std::string path = (folder / "x").string();
  std::ofstream(path + ".part0") << "of a writer that crashed";
  files.write(path, "first");
  fs::create_symlink("x", folder / "link");
  files.write((folder / "link").string(), "second");
  CHECK(files.read(path) == "second");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(fs::exists(path + ".part0"));
  for (const std::size_t size : {1, 1 << 20}) {
    CHECK_THROWS_WITH(files.write("/dev/full", std::string(size, 'x')),
                      "[Errno 28] No space left on device: '/dev/full'");
  }
  files.write("/dev/null", "x");
  for (int number = 1; number < 1000; ++number) std::ofstream(path + ".part" + std::to_string(number));
  CHECK_THROWS_WITH(files.write(path, "third"), doctest::String(("[Errno 17] File exists: '" + path + "'").c_str()));
  CHECK(files.read(path) == "second");
}

TEST_CASE("host files: links lead to what they name, which need not be there yet") {
  namespace fs = std::filesystem;
  const FileSystem files = host_files();
  const TemporaryFolder temporary("inlay_linked_files_test");
  const fs::path& folder = temporary.path;
  fs::create_directory(folder / "inner");
  fs::create_symlink("inner/second", folder / "first");
  fs::create_symlink("../third", folder / "inner" / "second");
  files.write((folder / "first").string(), "x");
  CHECK(files.read((folder / "third").string()) == "x");
  CHECK(fs::is_symlink(folder / "first"));
  CHECK(fs::is_symlink(folder / "inner" / "second"));
  fs::create_symlink(folder / "third", folder / "absolute");
  files.write((folder / "absolute").string(), "y");
  CHECK(files.read((folder / "third").string()) == "y");
  fs::create_symlink("loop", folder / "loop");
  const std::string loop = (folder / "loop").string();
  CHECK_THROWS_WITH(files.write(loop, "z"),
                    doctest::String(("[Errno 40] Too many levels of symbolic links: '" + loop + "'").c_str()));
  CHECK(fs::is_symlink(loop));
  fs::create_symlink("none/x", folder / "astray");
  CHECK_THROWS_WITH(files.write((folder / "astray").string(), "z"), doctest::Contains("[Errno 2]"));
}

TEST_CASE("a replaced file keeps its permission bits") {
  namespace fs = std::filesystem;
  using enum fs::perms;
  const TemporaryFolder temporary("inlay_permissions_test");
  const std::string path = (temporary.path / "x").string(), folder = temporary.path.string();
  const auto bits = [&] { return fs::status(path).permissions(); };
  for (const FileSystem& files : {host_files(), folder_files({folder}, {folder})}) {
    fs::remove(path);
    files.write(path, "new");
    std::ofstream((temporary.path / "another").string()) << "made as any other file is";
    CHECK(bits() == fs::status(temporary.path / "another").permissions());
    for (const fs::perms kept : {owner_read | owner_write, owner_all | group_all | others_all, owner_read}) {
      fs::permissions(path, kept | set_gid);  // what does more than permit is not kept
      files.write(path, "replaced");
      CHECK(bits() == kept);
    }
  }
}

TEST_CASE("a lent folder stays what it was when the process goes elsewhere") {
  namespace fs = std::filesystem;
  const TemporaryFolder temporary("inlay_moving_files_test");
  const fs::path before = fs::current_path();
  for (const char* name : {"first", "second"}) {
    fs::create_directories(temporary.path / name / "in");
    std::ofstream(temporary.path / name / "in" / "x") << name;
  }
  fs::current_path(temporary.path / "first");
  const FileSystem files = folder_files({"in"}, {"in"});
  CHECK(files.read("in/x") == "first");
  fs::current_path(temporary.path / "second");
  CHECK_THROWS_WITH(files.read("in/x"), "this host does not let scripts read this file: 'in/x'");
  CHECK_THROWS_AS(files.write("in/x", "y"), Error);
  CHECK(files.read("../first/in/x") == "first");
  fs::current_path(before);
}

TEST_CASE("lent folders: leftovers, and what is no regular file") {
  namespace fs = std::filesystem;
  const TemporaryFolder temporary("inlay_folder_files_test");
  const fs::path& folder = temporary.path;
  fs::create_directories(folder / "inner");
  const FileSystem files = folder_files({folder.string()}, {folder.string(), (folder / "gone").string()});
  const std::string path = (folder / "x").string();
  std::ofstream(path + ".part0") << "of a writer that crashed";
  files.write(path, std::string(200000, 'x'));
  CHECK(files.read(path) == std::string(200000, 'x'));
  const auto refused = [&](const std::string& name, const std::string& why) {
    const std::string written = (folder / name).string();
    CHECK_THROWS_WITH(files.write(written, "x"), doctest::String((why + ": '" + written + "'").c_str()));
  };
  refused("inner", "[Errno 21] Is a directory");
  fs::create_symlink("x", folder / "link");
  refused("link", "[Errno 40] Too many levels of symbolic links");
  CHECK_THROWS_WITH(folder_files({""}, {}), "a folder that is lent to scripts has no name");
  refused("gone/x", "[Errno 2] No such file or directory");
  refused(std::string(256, 'n'), "[Errno 36] File name too long");
  const std::string longest = (folder / std::string(255, 'n')).string();
  for (const FileSystem& each : {files, host_files()}) {
    each.write(longest, "x");
    CHECK(each.read(longest) == "x");
    CHECK_FALSE(fs::exists((folder / (std::string(240, 'n') + ".part0")).string()));
    fs::remove(longest);
  }
  {
    const LargestFile limit(4096);
    CHECK_THROWS_WITH(files.write(path, std::string(200000, 'y')),
                      doctest::String(("[Errno 27] File too large: '" + path + "'").c_str()));
    CHECK_THROWS_AS(host_files().write(path, std::string(200000, 'y')), Error);
  }
  CHECK(files.read(path) == std::string(200000, 'x'));
  CHECK_FALSE(fs::exists(path + ".part1"));
  CHECK_THROWS_WITH(folder_files({"/proc/self"}, {}).read("/proc/self/mem"),
                    "[Errno 5] Input/output error: '/proc/self/mem'");
  for (int number = 1; number < 1000; ++number) std::ofstream(path + ".part" + std::to_string(number));
  refused("x", "[Errno 17] File exists");
  CHECK_THROWS_WITH(files.read(path + '\0'), doctest::Contains("this host does not let scripts read this file"));
  fs::remove_all(folder);
  CHECK_THROWS_WITH(files.read(path), doctest::String(("[Errno 2] No such file or directory: '" + path + "'").c_str()));
}

TEST_CASE("a save that is stopped leaves the old file and nothing beside it") {
  namespace fs = std::filesystem;
  const TemporaryFolder temporary("inlay_stopped_files_test");
  const std::string path = (temporary.path / "x").string(), folder = temporary.path.string();
  for (const FileSystem& files : {host_files(), folder_files({folder}, {folder})}) {
    files.write(path, "first");
    for (const int looks : {1, 3}) {
      Context stopped;
      const ContextScope scope(stopped);
      stopped.budget.request_stop_after(looks);
      CHECK_THROWS_WITH(files.write(path, std::string(std::size_t{4} << 20, 'x')), "interrupted");
      CHECK(std::distance(fs::directory_iterator(temporary.path), fs::directory_iterator()) == 1);
    }
    CHECK(files.read(path) == "first");
  }
}

TEST_CASE("what does not lie in a row is written a piece at a time, as if it did") {
  Tensor x = Tensor::empty(DType::int32, {1 << 10, 1 << 11});
  std::iota(x.mutable_data<std::int32_t>(), x.mutable_data<std::int32_t>() + x.size(), 0);
  const auto refuses_copies = [](const Tensor& each) {
    Context context;
    Limits limits;
    limits.memory = 3 << 20;
    context.budget.limit(limits);
    const ContextScope scope(context);
    CHECK_THROWS_AS(each.contiguous(), Error);
    return npy_of(each);
  };
  const Tensor transposed = x.view({1 << 11, 1 << 10}, {4, 4 << 11});
  CHECK(refuses_copies(transposed) == npy_of(transposed.contiguous()));
  const Tensor every_other = x.view({1 << 20}, {8});  // one axis
  CHECK(refuses_copies(every_other) == npy_of(every_other.contiguous()));
  const Tensor one_row = x.view({1, 1, 1 << 11, 1 << 10}, {0, 0, 4, 4 << 11});
  CHECK(refuses_copies(one_row) == npy_of(one_row.contiguous()));
  const Tensor large_rows = x.view({2, 1 << 20}, {4, 8}, 0);  // each of 4 MiB
  CHECK(refuses_copies(large_rows) == npy_of(large_rows.contiguous()));
}

TEST_CASE("contents that fail on the way leave the old file and nothing beside it") {
  namespace fs = std::filesystem;
  const TemporaryFolder temporary("inlay_failing_files_test");
  const std::string path = (temporary.path / "x").string(), folder = temporary.path.string();
  for (const FileSystem& files : {host_files(), folder_files({folder}, {folder})}) {
    files.write(path, "first");
    const auto fails = [](FileOutput& out) {
      for (int piece = 0; piece < 100; ++piece) out.add(std::string(5000, 'x'));
      throw Error(ErrorKind::ValueError, "no more");
    };
    CHECK_THROWS_WITH(files.write_parts(path, fails), "no more");
    CHECK(std::distance(fs::directory_iterator(temporary.path), fs::directory_iterator()) == 1);
    CHECK(files.read(path) == "first");
  }
  CHECK_THROWS_WITH(host_files().write_parts("/dev/full", [](FileOutput& out) { out.add("x"); }),
                    "[Errno 28] No space left on device: '/dev/full'");
}

TEST_CASE("bytes are put in place, in the buffer and behind it") {
  const TemporaryFolder temporary("inlay_patched_files_test");
  const std::string path = (temporary.path / "x").string(), folder = temporary.path.string();
  for (const FileSystem& files : {host_files(), folder_files({folder}, {folder})}) {
    std::string expected(100001, 'a');
    files.write_parts(path, [&](FileOutput& out) {
      out.add("a");
      out.set(0, "b");
      out.add(std::string(100000, 'a'));
      out.set(50000, "bbb");
      out.add("end");
      out.set(100001, "E");
    });
    expected[0] = 'b';
    expected.replace(50000, 3, "bbb");
    CHECK(files.read(path) == expected + "End");
  }
}

TEST_CASE("archives go to the disk as they are made, and are the same in memory") {
  const TemporaryFolder temporary("inlay_archive_files_test");
  const std::string path = (temporary.path / "x").string();
  const NamedTensors large = {{"a", Tensor::empty(DType::uint8, {0})},
                              {"b", read_npy(npy_of(sample()[1].second))},
                              {"c", cast(Tensor::of<double>({1, 2, 3}), DType::float32)}};
  for (const bool compressed : {false, true}) {
    host_files().write_parts(path, [&](FileOutput& out) { write_npz(large, compressed, out); });
    CHECK(host_files().read(path) == npz_of(large, compressed));
  }
}

TEST_CASE("an archive that cannot be written says why") {
  struct Full final : FileOutput {
    explicit Full(std::size_t bytes) : room(bytes) {}
    void add(std::string_view bytes) override {
      if (bytes.size() > room) throw Error(ErrorKind::RuntimeError, "full");
      room -= bytes.size();
    }
    void set(std::uint64_t, std::string_view) override {}
    std::size_t room;
  };
  for (const bool compressed : {false, true}) {
    const std::size_t size = npz_of(sample(), compressed).size();
    for (std::size_t room = 0; room < size; ++room) {
      Full full(room);
      CHECK_THROWS_WITH(write_npz(sample(), compressed, full), "full");
    }
  }
}

TEST_CASE("formats of savetxt in messages are their beginnings") {
  const std::string text(5000, 'x'), shown(400, 'x');
  const Tensor x = Tensor::of<double>({1, 2});
  const auto refuses = [&](const SaveTextOptions& options, const std::string& message) {
    CHECK_THROWS_WITH(text_of(x, options), doctest::String(message.c_str()));
  };
  refuses({.formats = {text}}, "fmt has wrong number of % formats:  " + shown);
  const std::vector<std::string_view> formats(20, "%f");
  std::string named;
  for (int at = 0; at < 10; ++at) named += "'%f', ";
  refuses({.formats = formats, .is_sequence = true}, "fmt has wrong shape.  [" + named + "...]");
  const std::string starred = "%*" + text;
  refuses({.formats = {starred}},
          "Mismatch between array dtype ('float64') and format specifier ('%*" + shown.substr(2) + "')");
}
