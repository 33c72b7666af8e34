# Trust: names, time, keys, envelopes, the codec, and what a host accepts.
curfew_test(core_envelope_test envelope_test.cc trust_world.cc LIBS curfew_core)
curfew_test(core_trust_test trust_test.cc trust_world.cc LIBS curfew_core)
curfew_test(core_signature_test signature_test.cc trust_world.cc LIBS curfew_core Boost::json OpenSSL::Crypto)
curfew_test(core_signature_fault_test signature_fault_test.cc trust_world.cc LIBS curfew_core OpenSSL::Crypto)
target_link_options(core_signature_fault_test PRIVATE -Wl,--wrap=EVP_DigestVerify)
