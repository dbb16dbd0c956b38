foreach(target wire sequencer replica)
  ck_fuzz(fuzz_room_${target} SOURCES fuzz/fuzz_room_${target}.c LINKS ck_core)
endforeach()
