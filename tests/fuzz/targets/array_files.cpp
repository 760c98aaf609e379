// array_files.cpp - any bytes as a file: .npy, .npz, and tables of text. What is read is written and read again.
#include "interpreter/files/array_files.h"
#include "tests/fuzz/targets/limited.h"

using namespace inlay;

namespace {

std::string npy_of(const Tensor& x) {
  std::string out;
  write_npy(x, [&](std::string_view piece) { out += piece; });
  return out;
}

template <class Read>
void expect_errors(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    INLAY_CHECK(error.kind() != ErrorKind::InternalError);
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  Evaluator evaluator(fuzz::small_host());
  const RunScope scope(evaluator);
  expect_errors([&] {
    const Tensor x = read_npy(bytes);
    const std::string written = npy_of(x);
    INLAY_CHECK(npy_of(read_npy(written)) == written);
  });
  expect_errors([&] { (void)read_npz(bytes); });
  LoadTextOptions commas;
  commas.delimiter = ",";
  commas.quote = "\"";
  expect_errors([&] { (void)load_text(bytes, {}); });
  expect_errors([&] { (void)load_text(bytes, commas); });
  return 0;
}
