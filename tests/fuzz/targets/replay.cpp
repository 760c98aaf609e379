// replay.cpp - runs a target without libFuzzer: over files and folders of inputs, or for some seconds over inputs made
// from those at random, without knowing what they reach (docs/decisions/033).
//
//   fuzz_parse FILE...
//   fuzz_parse --seconds N --keep FILE [--seed N] FILE...
//
// Invariant: what made the target die can be had again: each file's name is printed, and each made input is written to
// the file that --keep names, before the target sees it.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

void replay(const fs::path& path) {
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);  // the last line is the input of a crash
  run(read(path));
}

/// The files that were named, and those in folders.
std::vector<fs::path> files_of(const std::vector<std::string>& names) {
  std::vector<fs::path> out;
  for (const std::string& name : names) {
    if (!fs::is_directory(name)) {
      out.emplace_back(name);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(name))
      if (entry.is_regular_file()) out.push_back(entry.path());
  }
  return out;
}

/// Inputs that resemble the recorded ones.
class Mutator {
 public:
  Mutator(std::vector<std::string> recorded, std::uint64_t seed) : recorded_(std::move(recorded)), random_(seed) {}

  std::string next() {
    std::string out = recorded_[below(recorded_.size())];
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(out);
    if (out.size() > kMostBytes) out.resize(kMostBytes);
    return out;
  }

 private:
  static constexpr std::size_t kMostBytes = 1 << 13;

  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }
  char byte() {
    constexpr std::string_view kTelling = "()[]{}:,.=+-*/\n \"'0159\x00\x7f\x80\xff";
    return below(2) == 0 ? static_cast<char>(random_()) : kTelling[below(kTelling.size())];
  }
  /// A place between two bytes, or as often between two lines.
  std::size_t place(const std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t line = below(2) == 0 ? std::string::npos : text.find('\n', at);
    return line == std::string::npos ? at : line + 1;
  }

  void change(std::string& text) {
    const std::string& other = recorded_[below(recorded_.size())];
    const std::size_t at = place(text), from = place(other);
    switch (below(6)) {
      case 0:
        if (at < text.size()) text[at] = byte();
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 2:
        text.insert(at, 1, byte());
        break;
      case 3:
        text.erase(at, 1 + below(below(4) == 0 ? 64 : 4));
        break;
      case 4:
        text.insert(at, other, from, 1 + below(48));
        break;
      default:
        text = text.substr(0, at) + other.substr(from);
    }
  }

  std::vector<std::string> recorded_;
  std::mt19937_64 random_;
};

/// Runs made inputs for some seconds; how many.
long search(const std::vector<fs::path>& files, double seconds, const std::string& keep, std::uint64_t seed) {
  std::vector<std::string> recorded{""};
  for (const fs::path& path : files) recorded.push_back(read(path));
  Mutator mutator(std::move(recorded), seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  long count = 0;
  for (; std::chrono::steady_clock::now() < end; ++count) {
    const std::string input = mutator.next();
    std::ofstream(keep, std::ios::binary) << input;
    run(input);
  }
  std::remove(keep.c_str());
  return count;
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::string> names;
  std::string keep;
  double seconds = 0;
  std::uint64_t seed = std::random_device()();
  for (int at = 1; at < count; ++at) {
    const std::string_view word = words[at];
    if (word == "--seconds" && at + 1 < count)
      seconds = std::stod(words[++at]);
    else if (word == "--keep" && at + 1 < count)
      keep = words[++at];
    else if (word == "--seed" && at + 1 < count)
      seed = std::stoull(words[++at]);
    else
      names.emplace_back(word);
  }
  const std::vector<fs::path> files = files_of(names);
  if (seconds > 0 && !keep.empty()) {
    const long tried = search(files, seconds, keep, seed);
    std::printf("%ld inputs, seed %llu\n", tried, static_cast<unsigned long long>(seed));
    return 0;
  }
  for (const fs::path& path : files) replay(path);
}
