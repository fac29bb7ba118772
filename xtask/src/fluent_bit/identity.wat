;; The guest that does nothing: it answers every record with what it was given, so that the
;; host's own cost of calling a filter can be told from the filter's work.
;;
;; In JSON mode it returns the record. In msgpack mode it does the least that Fluent Bit can
;; take, because the host measures an answer with strlen: a text of up to 65,535 bytes goes back
;; under `log` with a length that holds no zero byte, a longer one in 257 pieces under
;; `log_text`, and the flat key that the shipped `grep` asks for stands in front of it.
;; It understands one shape of record only: what `tail` makes of a raw line, {"log": text}.
(module
  (memory (export "memory") 4)
  ;; map of 2, "auditveil_version": "1"
  (data (i32.const 16) "\82\b1auditveil_version\a11")
  (global $arena i32 (i32.const 1024))
  (global $top (mut i32) (i32.const 1024))
  (global $answered (mut i32) (i32.const 0))

  ;; Everything of a call is dead once the host asks for memory after an answer.
  (func $malloc (export "malloc") (param $size i32) (result i32)
    (local $start i32) (local $end i32) (local $have i32)
    (if (global.get $answered) (then
      (global.set $top (global.get $arena))
      (global.set $answered (i32.const 0))))
    (local.set $start (global.get $top))
    (local.set $end (i32.and
      (i32.add (i32.add (local.get $start) (local.get $size)) (i32.const 15))
      (i32.const -16)))
    (local.set $have (i32.shl (memory.size) (i32.const 16)))
    (if (i32.gt_u (local.get $end) (local.get $have)) (then
      (if (i32.eq
            (memory.grow (i32.shr_u
              (i32.add (i32.sub (local.get $end) (local.get $have)) (i32.const 65535))
              (i32.const 16)))
            (i32.const -1))
        (then (return (i32.const 0))))))
    (global.set $top (local.get $end))
    (local.get $start))

  (func (export "free") (param i32))

  ;; Big-endian length of $bytes bytes at $at.
  (func $length (param $at i32) (param $bytes i32) (result i32)
    (local $value i32)
    (loop $next
      (local.set $value (i32.or
        (i32.shl (local.get $value) (i32.const 8))
        (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $bytes (i32.sub (local.get $bytes) (i32.const 1)))
      (br_if $next (local.get $bytes)))
    (local.get $value))

  ;; Writes one str8 or str16 of $size bytes; a length whose low byte is zero gets one space more.
  (func $text (param $to i32) (param $from i32) (param $size i32) (result i32)
    (local $written i32)
    (local.set $written (local.get $size))
    (if (i32.eqz (i32.and (local.get $size) (i32.const 255))) (then
      (local.set $written (i32.add (local.get $size) (i32.const 1)))))
    (if (i32.lt_u (local.get $written) (i32.const 256))
      (then
        (i32.store8 (local.get $to) (i32.const 0xd9))
        (i32.store8 offset=1 (local.get $to) (local.get $written))
        (local.set $to (i32.add (local.get $to) (i32.const 2))))
      (else
        (i32.store8 (local.get $to) (i32.const 0xda))
        (i32.store8 offset=1 (local.get $to) (i32.shr_u (local.get $written) (i32.const 8)))
        (i32.store8 offset=2 (local.get $to) (local.get $written))
        (local.set $to (i32.add (local.get $to) (i32.const 3)))))
    (memory.copy (local.get $to) (local.get $from) (local.get $size))
    (local.set $to (i32.add (local.get $to) (local.get $size)))
    (i32.store8 (local.get $to) (i32.const 32))
    (i32.add (local.get $to) (i32.sub (local.get $written) (local.get $size))))

  (func (export "auditveil_filter")
    (param $tag i32) (param $tag_length i32) (param $seconds i32) (param $nanoseconds i32)
    (param $record i32) (param $record_length i32) (result i32)
    (local $size i32) (local $from i32) (local $to i32) (local $answer i32)
    (local $piece i32) (local $left i32) (local $kind i32)
    ;; JSON in, JSON out
    (if (i32.eq (i32.load8_u (local.get $record)) (i32.const 0x7b)) (then
      (global.set $answered (i32.const 1))
      (return (local.get $record))))
    ;; 81 a3 'l' 'o' 'g', then the text's header
    (local.set $kind (i32.load8_u offset=5 (local.get $record)))
    (local.set $from (i32.add (local.get $record) (i32.const 6)))
    (if (i32.lt_u (local.get $kind) (i32.const 0xd9))
      (then (local.set $size (i32.and (local.get $kind) (i32.const 31))))
      (else
        ;; d9, da, db: one, two, four bytes of length
        (local.set $piece (i32.shl (i32.const 1) (i32.sub (local.get $kind) (i32.const 0xd9))))
        (local.set $size (call $length (local.get $from) (local.get $piece)))
        (local.set $from (i32.add (local.get $from) (local.get $piece)))))
    (local.set $answer (call $malloc (i32.add (local.get $size) (i32.const 2048))))
    (global.set $answered (i32.const 1))
    (if (i32.eqz (local.get $answer)) (then (return (i32.const 8))))
    (memory.copy (local.get $answer) (i32.const 16) (i32.const 21))
    (local.set $to (i32.add (local.get $answer) (i32.const 21)))
    (if (i32.lt_u (local.get $size) (i32.const 65535))
      (then
        (i32.store (local.get $to) (i32.const 0x676f6ca3)) ;; "log"
        (local.set $to (call $text
          (i32.add (local.get $to) (i32.const 4)) (local.get $from) (local.get $size))))
      (else
        (i64.store (local.get $to) (i64.const 0x7865745f676f6ca8)) ;; "log_text"
        (i32.store8 offset=8 (local.get $to) (i32.const 0x74))
        (i32.store8 offset=9 (local.get $to) (i32.const 0xdc)) ;; 0x0101 pieces
        (i32.store16 offset=10 (local.get $to) (i32.const 0x0101))
        (local.set $to (i32.add (local.get $to) (i32.const 12)))
        (local.set $piece (i32.or
          (i32.div_u (local.get $size) (i32.const 258)) (i32.const 1)))
        (local.set $left (i32.const 256))
        (loop $next
          (local.set $to (call $text (local.get $to) (local.get $from) (local.get $piece)))
          (local.set $from (i32.add (local.get $from) (local.get $piece)))
          (local.set $size (i32.sub (local.get $size) (local.get $piece)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $next (local.get $left)))
        (local.set $to (call $text (local.get $to) (local.get $from) (local.get $size)))))
    (i32.store8 (local.get $to) (i32.const 0))
    (local.get $answer)))
