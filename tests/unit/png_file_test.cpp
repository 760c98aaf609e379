// png_file_test.cpp - pictures as files: all interlaced rows, what a small file claims, and stopping between rows.
#include "image/png_file.h"

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

#include "tests/unit/png_parts.h"

using namespace inlay;
using namespace inlay::image;

namespace {

/// The rows of Adam7's seven pictures, of pixels that are counted row by row.
std::string interlaced_rows(std::size_t size) {
  constexpr std::size_t kPasses[][4] = {{0, 8, 0, 8}, {4, 8, 0, 8}, {0, 4, 4, 8}, {2, 4, 0, 4},
                                        {0, 2, 2, 4}, {1, 2, 0, 2}, {0, 1, 1, 2}};  // column, step, row, step
  std::string rows;
  for (const auto& [column, across, row, down] : kPasses) {
    for (std::size_t y = row; y < size; y += down) {
      rows += '\0';
      for (std::size_t x = column; x < size; x += across) rows += static_cast<char>(y * size + x);
    }
  }
  return rows;
}

void go_on() {}

/// The samples of a file; `poll` is asked while it is read.
std::vector<std::uint8_t> samples_of(const std::string& file, const Poll& poll = go_on) {
  std::vector<std::uint8_t> samples;
  const auto room = [&](const Format& format) {
    samples.resize(format.height * format.row_bytes());
    return samples.data();
  };
  read_png(file, room, poll);
  return samples;
}

struct Stop {};

/// How often `work` asks before it ends.
template <class Work>
int looks(const Work& work) {
  int count = 0;
  work([&] { ++count; });
  return count;
}

}  // namespace

TEST_CASE("an interlaced picture is read pass by pass") {
  std::vector<std::uint8_t> expected(64);
  std::iota(expected.begin(), expected.end(), std::uint8_t{0});
  CHECK(samples_of(png_of(8, 8, true, interlaced_rows(8))) == expected);
}

TEST_CASE("who makes room learns the format before anything is decoded, and may refuse") {
  Format told;
  const auto refuse = [&](const Format& format) -> std::uint8_t* {
    told = format;
    throw Stop();
  };
  CHECK_THROWS_AS(read_png(png_of(900000, 800000, false, ""), refuse, go_on), Stop);
  CHECK(told.width == 900000);
  CHECK(told.height == 800000);
  CHECK(told.row_bytes() == 900000);
}

TEST_CASE("reading and writing ask at each row, and reading while it passes over what follows the last one") {
  const std::string rows(101 * 100, '\0');
  const std::string file = png_of(100, 100, false, rows);
  CHECK(looks([&](const Poll& poll) { samples_of(file, poll); }) >= 100);
  const std::vector<std::uint8_t> samples(10000);
  const auto write = [&](const Poll& poll) {
    write_png(
        {.height = 100, .width = 100}, samples.data(), [](std::string_view) {}, poll);
  };
  CHECK(looks(write) >= 100);
  CHECK_THROWS_AS(write([] { throw Stop(); }), Stop);
  CHECK_THROWS_AS(samples_of(file, [] { throw Stop(); }), Stop);
  const std::string surplus = png_of(1, 1, false, std::string(std::size_t{1} << 26, '\0'));
  CHECK(looks([&](const Poll& poll) { samples_of(surplus, poll); }) >=
        looks([&](const Poll& poll) { samples_of(png_of(1, 1, false, std::string(2, '\0')), poll); }) + 7);
}

TEST_CASE("a file that ends too early, and one that is damaged, are errors") {
  const std::string file = png_of(8, 8, true, interlaced_rows(8));
  for (std::size_t size = 0; size < file.size(); ++size) CHECK_THROWS_AS(samples_of(file.substr(0, size)), PngError);
  std::string damaged = file;
  damaged[60] ^= 1;
  CHECK_THROWS_AS(samples_of(damaged), PngError);
}
