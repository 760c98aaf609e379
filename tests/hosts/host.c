/* host.c - a host in C, built outside the tree against what was installed (tests/harness/install.py). */
#include <inlay/inlay.h>
#include <stdio.h>

int main(void) {
  const double data[] = {1, 2, 3, 4, 5, 6};
  const int64_t shape[] = {2, 3};
  inlay_array array = INLAY_ARRAY_INIT;
  inlay_interpreter* in = NULL;
  inlay_value *x = NULL, *total = NULL;
  inlay_error* error = NULL;
  char* text;
  array.data = (void*)data;
  array.rank = 2;
  array.shape = shape;
  if (inlay_new(NULL, &in, &error) || inlay_tensor(&array, &x, &error) || inlay_bind(in, "x", x, &error) ||
      inlay_eval(in, "sum(x, axis=0) + 0.5", NULL, &total, &error)) {
    fputs(error ? inlay_error_report(error) : "out of memory\n", stderr);
    return 1;
  }
  text = inlay_value_text(total);
  puts(text);
  inlay_text_free(text);
  inlay_value_free(total);
  inlay_value_free(x);
  inlay_free(in);
  return 0;
}
