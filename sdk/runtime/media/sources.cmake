set(CK_UNIT_SOURCES
  card.c courier.c encoder_guard.c encoder_guard_worker.c encoding.c encoding_audio.c encoding_choice.c
  encoding_hint.c encoding_packets.c
  encoding_video.c feed.c fetch.c fetch_answer.c frame.c frame_pool.c hls_cipher.c hls_reel.c
  intake.c link.c link_in.c link_url.c observer.c output_app.c output_file.c output_url.c packet.c packet_queue.c player.c player_audio.c
  player_clock.c player_in.c player_out.c player_record.c player_room.c player_video.c
  prepared.c   recorder.c sender.c sound_chain.c sound_edge.c sound_ring.c stamp_clock.c states.c tags.c wire_hls.c
  wire_http_flv.c wire_rtmp.c)
