#include "lab/cpu_list.h"

#include <gtest/gtest.h>

#include <vector>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

cpu_set_t set_of(const std::vector<unsigned>& numbers) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const unsigned cpu : numbers) CPU_SET(cpu, &cpus);
  return cpus;
}

std::string refusal(const std::string& text) {
  try {
    parse_cpu_list(text);
  } catch (const CommandError& error) {
    return error.what();
  }
  return "not refused";
}

TEST(CpuList, IsWrittenInRanges) {
  EXPECT_EQ(format_cpu_list(set_of({0, 1, 2, 5, 7, 8, 1023})), "0-2,5,7-8,1023");
  EXPECT_EQ(format_cpu_list(set_of({})), "");
}

TEST(CpuList, IsReadAsItIsWritten) {
  const std::string all = format_cpu_list(allowed_cpu_set());
  EXPECT_EQ(format_cpu_list(parse_cpu_list(all)), all);
  const std::string first = all.substr(0, all.find_first_of(",-"));
  EXPECT_EQ(format_cpu_list(parse_cpu_list(" " + first + ", " + first)), first);
  EXPECT_EQ(format_cpu_list(parse_cpu_list(first + "-" + first + ":2")), first);
}

TEST(CpuList, RefusesWhatIsNone) {
  for (const char* text : {"", ",", "a", "0-", "-0", "1-0", "0:2", "0-0:0", "0,,1", "99999"}) {
    EXPECT_NE(refusal(text).find("is no CPU list; write 0,2-5 or 0-14:2"), std::string::npos)
        << text;
  }
}

TEST(CpuList, RefusesCpusThatThisProcessMayNotUse) {
  EXPECT_NE(refusal("1023").find("this process may not use CPU 1023; it may use"),
            std::string::npos);
}

}  // namespace
}  // namespace tamari::lab
