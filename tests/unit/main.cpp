// The entry point of every doctest program; the test cases are in the files linked beside it.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
