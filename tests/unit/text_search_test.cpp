// Searching texts: the answers are those of std::string, across the borders of parts, and time is linear.
#include "interpreter/methods/text_search.h"

#include <chrono>
#include <string>

#include "doctest/doctest.h"
#include "tests/unit/sanitized.h"

using namespace inlay;

namespace {

/// Texts of few letters, in which much is found, and nearly found.
std::string letters(std::size_t size, unsigned seed) {
  std::string out;
  for (std::size_t at = 0; at < size; ++at) {
    seed = seed * 1664525 + 1013904223;
    out += (seed >> 28) < 14 ? 'a' : 'b';
  }
  return out;
}

void check_same(const std::string& text, const std::string& wanted) {
  CAPTURE(text.size());
  CAPTURE(wanted.size());
  CHECK(find_text(text, wanted) == text.find(wanted));
  CHECK(find_last_text(text, wanted) == text.rfind(wanted));
  for (const std::size_t from : {std::size_t{1}, text.size() / 2, text.size(), text.size() + 1})
    CHECK(find_text(text, wanted, from) == text.find(wanted, from));
}

}  // namespace

TEST_CASE("texts are found where std::string finds them") {
  for (const std::size_t size : {0, 1, 5, 40, 1000})
    for (unsigned seed = 0; seed < 20; ++seed)
      for (const std::size_t wanted : {0, 1, 3, 16, 17, 30}) check_same(letters(size, seed), letters(wanted, seed + 1));
}

TEST_CASE("texts are found across the borders of parts") {
  int turn = 0;
  for (const std::size_t size : {std::size_t{3}, std::size_t{40}, kTextPart - 1, kTextPart + 1}) {
    const std::string wanted = letters(size - 1, 5) + "c";
    for (const std::size_t before :
         {std::size_t{0}, 2 * kTextPart - size, kTextPart - 1, kTextPart, 2 * kTextPart - 2}) {
      if (kIsSanitized && ++turn % 9 != 0) continue;  // another place of each size
      const std::string text = letters(before, 7) + wanted + letters(kTextPart, 9);
      check_same(text, wanted);
      check_same(text, wanted + "c");
      check_same(text + wanted, wanted);
    }
  }
}

TEST_CASE("a text that is nearly everywhere is looked for in linear time") {
  const std::string text(8'000'000, 'a'), wanted = std::string(2'000'000, 'a') + 'b',
                                          turned = 'b' + std::string(2'000'000, 'a');
  const auto begin = std::chrono::steady_clock::now();
  CHECK(find_text(text, wanted) == std::string::npos);
  CHECK(find_last_text(text, turned) == std::string::npos);
  CHECK(find_text(text, turned) == std::string::npos);
  CHECK(find_last_text(text, wanted) == std::string::npos);
  CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 10);  // quadratic: an hour
}

TEST_CASE("bytes of a kind are counted from either end") {
  const auto is_b = [](char c) { return c == 'b'; };
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kTextPart - 1, kTextPart, 3 * kTextPart + 5}) {
    const std::string run(size, 'a');
    CHECK(count_until(run, is_b) == size);
    CHECK(count_until(run + "baa", is_b) == size);
    CHECK(count_until_from_right(run, is_b) == size);
    CHECK(count_until_from_right("aab" + run, is_b) == size);
  }
}

TEST_CASE("texts longer than a part are found where std::string finds them") {
  std::string text;
  for (std::size_t at = 0; text.size() < 4 * kTextPart; ++at) text += std::to_string(at * at) + ",";
  const std::string twice = text + text;
  for (const std::size_t from : {std::size_t{0}, std::size_t{1}, kTextPart, 2 * kTextPart + 17}) {
    const std::string wanted = text.substr(from, kTextPart + 1 + from / 3);
    CHECK(find_text(twice, wanted) == from);
    CHECK(find_text(twice, wanted, from + 1) == text.size() + from);
    CHECK(find_last_text(twice, wanted) == text.size() + from);
    CHECK(find_last_text(text, wanted) == from);
    CHECK(find_text(twice, wanted + "x") == std::string::npos);
    CHECK(find_last_text(twice, "x" + wanted) == std::string::npos);
  }
  CHECK(find_text(text, text) == 0);
  CHECK(find_last_text(text, text) == 0);
  CHECK(find_text(text, twice) == std::string::npos);
  const std::string same(2 * kTextPart, 'a');
  CHECK(find_text(same + "b", same.substr(5) + "b") == 5);
  CHECK(find_last_text("b" + same, "b" + same.substr(5)) == 0);
}
