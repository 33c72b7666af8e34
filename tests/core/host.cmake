# What other programs of a host say, and which layers hold.
curfew_test(core_layers_test host_settings_test.cc layers_test.cc other_roads_test.cc LIBS curfew_core)
# Which process ends with a session.
curfew_test(core_fate_test fate_test.cc LIBS curfew_core)
