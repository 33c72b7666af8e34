# Tests: GoogleTest with rapidcheck; each suite is one program, each test in it one line of ctest.
enable_testing()
find_package(GTest REQUIRED)
include(GoogleTest)
find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)

# curfew_test(name SOURCES… LIBS targets…)
function(curfew_test name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  curfew_program(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gtest_main ${RAPIDCHECK_LIBRARY})
  # A row of a table is named by its number: as text it may hold addresses, which differ with each build.
  # Tests run in the source tree; built files are found by CURFEW_BINARY_DIR (gtest_discover_tests takes one variable only).
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES LABELS unit ENVIRONMENT "CURFEW_BINARY_DIR=${CMAKE_BINARY_DIR}")
endfunction()
