// threshold_image.cpp - a host whose script changes an image in the host's own memory: nothing is copied.
#include <cstdint>
#include <cstdio>
#include <vector>

#include <inlay/inlay.hpp>

int main() {
  const int rows = 4, columns = 6;
  std::vector<std::uint8_t> image(rows * columns);
  for (std::size_t at = 0; at < image.size(); ++at) image[at] = static_cast<std::uint8_t>(at * 11);

  inlay::Options options;
  options.print = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  inlay::Interpreter in(options);
  in.bind("image", inlay::writable_view(image, {rows, columns}));
  in.def("limit", [](double share) { return static_cast<int>(share * 255); });

  const auto ending = in.run(R"(
image[image < limit(0.3)] = 0
image[:, -1] = 255
print('brightest column:', argmax(sum(image[:, :-1], axis=0)))
)",
                             "threshold.inlay");
  if (!ending) return std::fputs(ending.error().render().c_str(), stderr), 1;

  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column)
      std::printf("%4d%s", image[static_cast<std::size_t>(row * columns + column)], column + 1 == columns ? "\n" : "");
}
