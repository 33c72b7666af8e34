# Where everything of ours goes on a host: one component a package. Paths that systemd and PAM fix are absolute, so
# install with --prefix /usr and DESTDIR.
set(CURFEW_PAM_DIR /lib/${CMAKE_LIBRARY_ARCHITECTURE}/security CACHE PATH "libpam's module directory")
set(CURFEW_UNIT_DIR /lib/systemd/system CACHE PATH "systemd's unit directory")

# A program that is not in this build yet is left out; packaging/build says which packages need it.
function(curfew_install target destination component)
  if(TARGET ${target})
    install(TARGETS ${target} RUNTIME DESTINATION ${destination} COMPONENT ${component}
      LIBRARY DESTINATION ${destination} COMPONENT ${component})
  endif()
endfunction()

set(systemd ${PROJECT_SOURCE_DIR}/systemd)
set(packaging ${PROJECT_SOURCE_DIR}/packaging)
set(manual ${PROJECT_SOURCE_DIR}/docs/man)

foreach(program curfew-enforcer curfew-link curfew-reaper)
  curfew_install(${program} libexec/curfew agent)
endforeach()
curfew_install(curfew-agent sbin agent)
curfew_install(pam_curfew ${CURFEW_PAM_DIR} agent)
install(FILES ${systemd}/curfew-enforcer.service ${systemd}/curfew-gate.socket ${systemd}/curfew-link.service
  ${systemd}/curfew-reaper.service ${systemd}/curfew-reaper.timer DESTINATION ${CURFEW_UNIT_DIR} COMPONENT agent)
install(FILES ${systemd}/tmpfiles.d/curfew.conf DESTINATION lib/tmpfiles.d COMPONENT agent)
install(FILES ${systemd}/sysusers.d/curfew.conf DESTINATION lib/sysusers.d COMPONENT agent)
install(FILES ${packaging}/pam-configs/curfew ${packaging}/pam-configs/curfew-hint DESTINATION share/pam-configs COMPONENT agent)
install(FILES ${manual}/curfew-agent.8 DESTINATION share/man/man8 COMPONENT agent)

curfew_install(curfew-controller sbin controller)
install(FILES ${systemd}/curfew-controller.service DESTINATION ${CURFEW_UNIT_DIR} COMPONENT controller)
install(FILES ${systemd}/tmpfiles.d/curfew-controller.conf DESTINATION lib/tmpfiles.d COMPONENT controller)
install(FILES ${systemd}/sysusers.d/curfew-controller.conf DESTINATION lib/sysusers.d COMPONENT controller)
install(FILES ${manual}/curfew-controller.8 DESTINATION share/man/man8 COMPONENT controller)

curfew_install(curfew bin cli)
install(FILES ${manual}/curfew.1 DESTINATION share/man/man1 COMPONENT cli)
