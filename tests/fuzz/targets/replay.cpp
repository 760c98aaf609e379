// replay.cpp - runs a target over files and folders of inputs, for builds without libFuzzer.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void run(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);  // the last line is the input of a crash
  LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int count, char** words) {
  for (int at = 1; at < count; ++at) {
    if (!fs::is_directory(words[at])) {
      run(words[at]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(words[at]))
      if (entry.is_regular_file()) run(entry.path());
  }
}
