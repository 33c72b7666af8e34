# The policy and the life of a request.
curfew_test(core_policy_test policy_reader_test.cc policy_test.cc policy_doubts_test.cc policy_hosts_test.cc request_test.cc LIBS curfew_core)
