# Decisions and texts: desired state, plan, decide, and the files of a host.
curfew_test(core_plan_laws_test plan_laws_test.cc plan_apply.cc state_world.cc LIBS curfew_core)
curfew_test(core_decisions_test desired_test.cc plan_test.cc plan_text.cc session_plan_test.cc decide_test.cc state_world.cc
  LIBS curfew_core)
curfew_test(core_sudoers_test sudoers_test.cc state_world.cc LIBS curfew_core)
curfew_test(core_keys_test authorized_keys_test.cc state_world.cc LIBS curfew_core)
curfew_test(core_host_files_test host_files_test.cc state_world.cc LIBS curfew_core)
