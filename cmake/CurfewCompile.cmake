# How everything of ours is compiled: C++20, warnings as errors, hardening, ccache, one precompiled header.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  # The precompiled header carries macros and times that do not matter to the result (ccache manual, "Precompiled headers").
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

set(CURFEW_SANITIZE "" CACHE STRING "Sanitizers for everything of ours, e.g. address,undefined")

add_library(curfew_flags INTERFACE)
target_include_directories(curfew_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(curfew_flags INTERFACE FMT_HEADER_ONLY=1 _GLIBCXX_ASSERTIONS
  CURFEW_VERSION="${PROJECT_VERSION}")
target_compile_options(curfew_flags INTERFACE
  -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-align -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -fstack-protector-strong -fcf-protection)
# One choice for libraries and programs, or the precompiled header would not fit both; the PAM module sets its own.
target_compile_options(curfew_flags INTERFACE -fPIE)
target_link_options(curfew_flags INTERFACE $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_definitions(curfew_flags INTERFACE _FORTIFY_SOURCE=2)
  # Whole objects of Asio, protobuf and toml++ come in for one function of theirs; a host pays for what it maps.
  target_compile_options(curfew_flags INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(curfew_flags INTERFACE -Wl,--gc-sections)
endif()
if(CURFEW_SANITIZE)
  target_compile_options(curfew_flags INTERFACE -fsanitize=${CURFEW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(curfew_flags INTERFACE -fsanitize=${CURFEW_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 at -O1 takes Asio's own operator delete of a coroutine's frame for a mismatch (it inlines only half of the pair).
    target_compile_options(curfew_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-mismatched-new-delete>)
  endif()
endif()

# The flags that C does not know are dropped for C sources (the PAM module, headers shared with it).
function(curfew_c_flags target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion -Wformat=2
    -fstack-protector-strong -fcf-protection)
endfunction()

# The one precompiled header: the standard library and what every folder uses.
file(WRITE ${CMAKE_BINARY_DIR}/pch.cc "")
add_library(curfew_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cc)
target_link_libraries(curfew_pch PUBLIC curfew_flags)
target_precompile_headers(curfew_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h)

# A library of ours with our flags and the precompiled header.
function(curfew_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC curfew_flags)
  target_precompile_headers(${name} REUSE_FROM curfew_pch)
endfunction()

# A program of ours.
function(curfew_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE curfew_flags)
  target_precompile_headers(${name} REUSE_FROM curfew_pch)
endfunction()
