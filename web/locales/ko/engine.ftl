# 엔진의 말: 한 step이 무엇이었는지(step-), 무엇이 바뀌었는지(change-), 아직 일어나지 않은 일의 이유(why-).
# 명령이 왜 아무 일도 하지 못했는지(error-)는 rest.ftl에 있습니다.
#
# 인자는 en/engine.ftl의 머리말과 같습니다. 조사는 JOSA($word, "은/는")이 고른 것만 돌려주므로 낱말 바로 뒤에 붙여 씁니다.
# 값이 바뀐 줄은 `{ $from } → { $to }`로, 옛 값을 화살표 바로 앞에 씁니다.

## 누가

actor-node = 브로커 { $number }
actor-controller = 컨트롤러 { $number }
actor-producer = 프로듀서 { $number }
actor-consumer = 컨슈머 { $number }
actor-admin = 어드민 클라이언트
actor-probe = probe { $number }

## 사람이 한 일

step-person-produces = 프로듀서 { $producer }에 { $topic } 토픽으로 보낼 레코드를 넘겼습니다. 아직 프로듀서 안에 있고, 네트워크로 나간 것은 없습니다.
step-person-starts-perf-test = 성능 테스트를 시작했습니다. 프로듀서 { $producer }{ JOSA($producer, "이/가") } { $topic } 토픽에 레코드 { $numRecords }건을 초당 { $throughput }건으로 보냅니다.
step-perf-test-sent = 성능 테스트가 프로듀서 { $producer }에 레코드 { $records }건을 넘겼습니다. 지금까지 { $numRecords }건 중 { $sent }건입니다.
step-perf-test-held-up = 프로듀서 { $producer }의 성능 테스트가 다음 레코드를 보낼 때가 됐지만, 앞선 send()가 아직 돌아오지 않았습니다. { $numRecords }건 중 { $sent }건을 넘겼습니다.
step-person-calls-producer = 프로듀서 { $producer }의 { $call }()을 호출했습니다.
step-person-crashes-producer = 프로듀서 { $producer }의 프로세스를 강제 종료했습니다. 받아 두고 보내지 않은 레코드는 사라졌고, 아무에게도 알리지 않았습니다. 열려 있던 트랜잭션은 코디네이터에 열린 채로 남습니다.
step-person-closes-producer = 프로듀서 { $producer }{ JOSA($producer, "을/를") } 닫았습니다. 레코드를 더 받지 않고, 가진 레코드를 linger 없이 보내고, 열린 트랜잭션이 있으면 중단한 뒤 끝납니다.
step-person-starts-producer = 프로듀서 { $producer }{ JOSA($producer, "을/를") } 다시 시작했습니다. 이전 프로세스의 일은 모릅니다.
step-person-polls = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } poll을 한 번 호출하게 했습니다.
step-person-commits = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 현재 position을 커밋하게 했습니다.
step-consumer-cannot-deserialize = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } { $partition } 오프셋 { $offset }의 바이트를 역직렬화하지 못합니다. poll은 RecordDeserializationException으로 실패하고 position은 그대로입니다.
step-person-processes = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 갖고 있던 레코드를 처리하게 했습니다. Kafka 바깥에서 한 일은 되돌아가지 않습니다.
step-person-seeks = 컨슈머 { $consumer }{ JOSA($consumer, "을/를") } { $partition }의 오프셋 { $offset }{ JOSA($offset, "으로/로") } seek했습니다. position만 바뀌며, 그 자리에 레코드가 있는지는 다음 fetch에서 드러납니다.
step-person-seeks-to-beginning = 컨슈머 { $consumer }{ JOSA($consumer, "을/를") } 맨 앞으로 seek했습니다. 그 오프셋은 다음 poll에서 리더에 물어봅니다.
step-person-seeks-to-end = 컨슈머 { $consumer }{ JOSA($consumer, "을/를") } 맨 끝으로 seek했습니다. 그 오프셋은 다음 poll에서 리더에 물어봅니다.
step-person-pauses-partitions = 컨슈머 { $consumer }의 { $partitions }{ JOSA($partitions, "을/를") } 일시 정지했습니다. 할당과 하트비트는 그대로입니다. 이미 가져온 레코드는 버퍼에 남고, 더는 fetch하지 않습니다.
step-person-resumes-partitions = 컨슈머 { $consumer }의 { $partitions }{ JOSA($partitions, "을/를") } 재개했습니다. 다음 poll은 버퍼에 남은 레코드부터 돌려줍니다.
step-person-subscribes = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } { $topics }{ JOSA($topics, "을/를") } 구독하게 했습니다. 그룹에는 다음 poll에서 알립니다.
step-person-subscribes-to-pattern = { $byBroker ->
    [true] 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 패턴 { $pattern }{ JOSA($pattern, "을/를") } 구독하게 했습니다. 일치하는 토픽은 브로커가 찾습니다.
   *[false] 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 패턴 { $pattern }{ JOSA($pattern, "을/를") } 구독하게 했습니다. 모든 토픽을 물어보고, 일치하는 토픽은 스스로 찾습니다.
 }
step-person-unsubscribes = 컨슈머 { $consumer }의 구독을 해지했습니다. 이제 맡은 파티션이 없고 그룹의 멤버도 아닙니다.
step-person-assigns = 컨슈머 { $consumer }에 { $partitions }{ JOSA($partitions, "을/를") } 직접 할당했습니다. 그룹의 멤버가 아니므로 리밸런싱이 없고, 커밋에는 멤버도 generation도 실리지 않습니다.
step-person-crashes-consumer = 컨슈머 { $consumer }의 프로세스를 강제 종료했습니다. 메모리에 있던 레코드와 position이 사라졌고, 아무에게도 알리지 않았습니다.
step-person-closes-consumer = 컨슈머 { $consumer }{ JOSA($consumer, "을/를") } 닫았습니다. 코디네이터에 탈퇴를, fetch하던 브로커들에 fetch 세션 종료를 알리고 끝납니다.
step-person-starts-consumer = 컨슈머 { $consumer }{ JOSA($consumer, "을/를") } 다시 시작했습니다. 이전 프로세스의 일은 모르고, 새 멤버로 그룹에 참여합니다.
step-person-crashes-process = 노드 { $node }의 프로세스를 강제 종료했습니다. 머신이 연결을 곧바로 닫습니다. 이미 쓴 내용은 머신의 page cache에 남아 있습니다.
step-person-crashes-machine = 노드 { $node }의 전원을 차단했습니다. 디스크에 내려가지 않은 내용은 사라졌습니다. 상대 쪽에서는 시간 초과가 될 때까지 연결이 열린 채로 남습니다.
step-person-starts = 노드 { $node }{ JOSA($node, "을/를") } 시작했습니다. 로그와 체크포인트 파일을 읽은 다음 등록합니다.
step-person-shuts-down = 노드 { $node }에 종료를 요청했습니다. 맡은 파티션이 있으면 리더를 먼저 넘긴 뒤 종료합니다.
step-person-pauses = 노드 { $node }{ JOSA($node, "을/를") } 일시 정지했습니다. 재개한 뒤에도 얼마나 정지해 있었는지 모릅니다.
step-person-resumes = 노드 { $node }{ JOSA($node, "을/를") } 재개했습니다. 정지하기 전에 알던 것을 그대로 믿고 있습니다.
step-person-slows-disk = { $byMs ->
    [0] 노드 { $node }의 디스크를 다시 빠르게 했습니다. 쓰기에 시간이 걸리지 않습니다.
   *[other] 노드 { $node }의 디스크를 느리게 했습니다. 이제 한 번 쓸 때마다 { $byMs } ms가 걸리며, produce 요청과 복제받은 레코드가 차례로 디스크를 기다립니다.
 }
step-person-cuts = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가는 링크를 끊었습니다. 이 방향으로 보낸 것은 링크가 복구될 때까지 대기합니다.
step-person-heals = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가는 링크를 복구했습니다.
step-person-drops = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가던 { $api } 메시지를 버렸습니다. 연결이 끊어져 그 뒤에 보낸 것도 사라지고, 양쪽 모두 reset을 받습니다.
step-person-delays = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가던 { $api } 메시지를 { $byMs } ms 지연시켰습니다. 같은 연결에서는 아무것도 이를 앞지르지 못합니다.
step-person-duplicates = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가던 { $api } 메시지를 복제했습니다. 두 번 도착합니다.
step-person-sets = { $name } 값을 { $value }{ JOSA($value, "으로/로") } 바꿨습니다.
step-person-administers = 어드민 클라이언트가 { $api } 요청을 보내게 했습니다.
step-person-probes = probe { $probe }{ JOSA($probe, "으로/로") } 노드 { $node }에 { $api } 요청을 직접 보냈습니다.
step-person-sends-bytes = { $sizeBytes ->
    [0] probe { $probe }{ JOSA($probe, "으로/로") } 노드 { $node }에 연결만 맺고 아무것도 보내지 않았습니다.
   *[other] probe { $probe }{ JOSA($probe, "으로/로") } 노드 { $node }에 연결을 맺고 { $sizeBytes }바이트를 보냈습니다.
}
step-person-closes-connection = probe { $probe }{ JOSA($probe, "과/와") } 노드 { $node } 사이의 연결을 닫았습니다.

## 네트워크와 요청 큐

step-request-arrived = { $from }의 { $api } 요청이 노드 { $node }에 도착했습니다. 요청 큐에서 핸들러 스레드를 기다립니다.
step-processor-reads = { $from }의 { $api } 요청이 노드 { $node }의 소켓에 도착했습니다. 네트워크 스레드가 요청을 읽기 시작합니다.
step-channel-muted = { $from }의 { $api } 요청이 노드 { $node }에 도착해 소켓의 수신 버퍼에 남아 있습니다. 같은 연결에서 먼저 온 요청이 응답을 받을 때까지 이 연결은 mute되어 있습니다.
step-channel-throttled = { $from }의 { $api } 요청이 노드 { $node }에 도착해 소켓의 수신 버퍼에 남아 있습니다. 클라이언트가 쿼터를 초과해 이 연결은 { $untilMs } ms까지 mute되어 있습니다.
step-throttle-over = 쿼터 때문에 { $client }에 걸린 스로틀링이 끝났습니다. 노드 { $node }{ JOSA($node, "이/가") } 이 연결에서 다시 읽습니다.
step-kept-back-sent = { $from }{ JOSA($from, "이/가") } 미뤄 두었던 { $api } 요청을 { $to }에 보냅니다.
step-processor-busy = { $from }의 { $api } 요청이 노드 { $node }에 도착해 소켓의 수신 버퍼에 남아 있습니다. 이 연결을 맡은 네트워크 스레드가 다른 일을 하고 있습니다.
step-request-queue-full = 노드 { $node }{ JOSA($node, "이/가") } { $from }의 { $api } 요청을 읽었지만 요청 큐가 가득 찼습니다. 핸들러 스레드가 요청을 하나 가져갈 때까지 이 네트워크 스레드는 멈춰 있고, 그동안 맡은 어느 연결에서도 읽지 않습니다.
step-processor-queued = 노드 { $node }의 네트워크 스레드가 { $from }의 { $api } 요청을 읽어 요청 큐에 넣었습니다. 응답을 보낼 때까지 이 연결은 mute되어 있습니다.
step-processor-sent = 노드 { $node }의 네트워크 스레드가 { $to }에 { $api } 응답을 보냈습니다. 연결의 mute가 풀렸습니다.
step-handler-took = 노드 { $node }의 핸들러 스레드가 요청 큐에서 { $from }의 { $api } 요청을 가져왔습니다. { $untilMs } ms까지 이 요청을 처리합니다.
step-connection-refused = { $from }{ JOSA($from, "이/가") } 노드 { $node }에 { $api } 요청을 보냈지만, 이를 받을 프로세스가 연결을 받지 않습니다.
step-held-on-cut-link = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가던 { $api } 메시지가 끊긴 링크에서 대기 중입니다. 양쪽 모두 아무 통보도 받지 못하며, 링크가 복구되면 TCP가 다시 보냅니다.
step-late-answer = { $api } 응답이 { $to }에 너무 늦게 도착했습니다. 이미 포기한 요청입니다.
step-requester-gone = { $api } 응답이 { $to }에 도착했지만, 요청했던 프로세스는 이미 종료됐습니다.
step-peer-gone = { $actor }{ JOSA($actor, "과/와") } { $peer } 사이의 연결이 끊어졌습니다. 응답을 받지 못한 요청은 유실됩니다.
step-listener-learns-closed = { $isReset ->
    [true] { $client }에서 노드 { $node }{ JOSA($node, "으로/로") } 맺은 연결이 reset됐습니다. 노드가 아직 읽지 않은 것은 사라졌습니다.
   *[false] { $client }{ JOSA($client, "이/가") } 연결을 닫았음을 노드 { $node }{ JOSA($node, "이/가") } 알게 됐습니다. 그 전에 도착한 요청은 그대로 읽어 처리합니다.
 }
step-connection-closed-before = { $client }{ JOSA($client, "과/와") } { $node } 사이의 연결이 끝났다는 소식이 도착했지만, 이쪽에서는 이미 끝난 연결입니다.
step-listener-resets = { $client }{ JOSA($client, "이/가") } 보낸 것이 노드 { $node }{ JOSA($node, "이/가") } 이미 닫은 연결로 도착했습니다. 노드의 머신이 reset으로 답하고, 도착한 것은 아무도 읽지 않습니다.
step-closing-held = { $from }{ JOSA($from, "과/와") } { $to } 사이의 연결이 끝났다는 소식이 전달될 수 있을 때까지 대기합니다.
step-connection-accepted = 노드 { $node }{ JOSA($node, "이/가") } { $client }의 연결을 받았습니다. 아직 아무것도 오지 않았습니다.
step-request-incomplete = 노드 { $node }{ JOSA($node, "이/가") } { $from }의 요청 { $wantedBytes }바이트 중 { $readBytes }바이트를 읽었습니다. 나머지를 기다립니다.
step-bytes-unread = { $from }의 바이트가 노드 { $node }에 도착해 소켓의 수신 버퍼에 남아 있습니다. 지금은 이 연결에서 읽지 않습니다.
step-bytes-held = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가는 바이트가 전달될 수 있을 때까지 대기합니다.
step-bytes-refused = { $from }{ JOSA($from, "이/가") } 노드 { $node }에 바이트를 보냈지만, 이를 받을 프로세스가 연결을 받지 않습니다.
step-request-too-large = 노드 { $node }{ JOSA($node, "이/가") } { $client }의 연결을 닫았습니다. { $sizeBytes }바이트 요청이 socket.request.max.bytes({ $maxBytes })보다 큽니다. 상대는 연결이 끊겼다는 것만 알게 됩니다.
step-negative-request-size = 노드 { $node }{ JOSA($node, "이/가") } { $client }의 연결을 닫았습니다. 요청의 첫 네 바이트인 크기가 { $sizeBytes }입니다.
step-malformed-request = 노드 { $node }{ JOSA($node, "이/가") } { $client }의 연결을 닫았습니다. 도착한 것이 받아들일 수 있는 요청이 아닙니다. 읽을 수 없는 것에는 에러로도 응답할 수 없습니다.
step-connection-idle = 노드 { $node }{ JOSA($node, "이/가") } { $client }의 연결을 닫았습니다. connections.max.idle.ms({ $idleMs } ms) 동안 아무것도 오가지 않았습니다.
step-client-closes-idle-connection = { $client }{ JOSA($client, "이/가") } 노드 { $node }{ JOSA($node, "으로/로") } 가는 연결을 닫았습니다. connections.max.idle.ms({ $idleMs } ms) 동안 아무것도 오가지 않았습니다. 그 노드에 다시 보낼 것이 생기면 새 연결을 엽니다.
step-no-connection-idle = { $client }{ JOSA($client, "이/가") } connections.max.idle.ms 동안 아무것도 오가지 않은 연결이 있는지 확인했지만 없었습니다.
step-too-many-connections = 노드 { $node }{ JOSA($node, "이/가") } { $client }의 연결을 받자마자 닫았습니다. 같은 주소의 연결이 이미 max.connections.per.ip({ $max })만큼 있습니다.
step-probe-disconnected = probe { $probe }{ JOSA($probe, "이/가") } 노드 { $node }에서 연결을 닫았음을 알았습니다.
step-answer-reset = { $node }의 { $api } 응답이 { $client }에 도착했지만, 이미 닫은 연결입니다. { $client }의 머신이 reset을 돌려보냅니다.
step-machine-off = { $from }{ JOSA($from, "이/가") } 전원이 꺼진 노드 { $node }에 { $api } 요청을 보냈습니다. 거절조차 돌아오지 않으며, 시간 초과가 될 때까지 TCP가 계속 다시 보냅니다.
step-connection-setup-timed-out = { $client }에서 노드 { $node }{ JOSA($node, "으로/로") } 맺던 연결이 socket.connection.setup.timeout.ms 안에 열리지 않았습니다. { $client }{ JOSA($client, "은/는") } 더 기다리지 않습니다.
step-held-at-paused = { $from }의 { $api } 요청이 일시 정지된 노드 { $node } 앞에서 대기합니다.
step-timer-held-at-paused = 노드 { $node }의 타이머가 만료됐지만 프로세스가 일시 정지 상태입니다. 재개하면 실행됩니다.
step-waits-for-disk = { $from }의 { $api }에 담긴 레코드를 노드 { $node }의 느린 디스크가 쓰고 있습니다. { $untilMs } ms에 끝납니다.

## 프로듀서

step-record-accumulated = 프로듀서 { $producer }{ JOSA($producer, "이/가") } 레코드를 { $partition } 배치에 담았습니다. 배치는 linger.ms가 지나거나 가득 차면 전송됩니다.
step-producer-needs-metadata = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 이 토픽의 파티션을 아직 모릅니다. 파티션을 고르기 전에 브로커에 메타데이터를 요청합니다.
step-producer-sends = 프로듀서 { $producer }{ JOSA($producer, "이/가") } { $partition }의 레코드 { $records }개를 브로커 { $leader }에 보냅니다. 자신이 리더로 알고 있는 브로커입니다.
step-producer-idle = 프로듀서 { $producer }{ JOSA($producer, "이/가") } 보낼 배치를 찾았지만 없었습니다.
step-producer-learns-metadata = 프로듀서 { $producer }{ JOSA($producer, "이/가") } 브로커 { $node }에서 메타데이터를 받았습니다. 그 브로커가 아는 파티션별 리더가 들어 있습니다.
step-producer-acknowledged = { $offset ->
    [-1] 프로듀서 { $producer }{ JOSA($producer, "은/는") } acks=0으로 { $partition }에 보낸 레코드를 전송 완료로 여깁니다. 오프셋은 알 수 없습니다.
   *[other] 프로듀서 { $producer }{ JOSA($producer, "이/가") } ack를 받았습니다. 레코드는 { $partition }의 오프셋 { $offset }에 있습니다.
 }
step-producer-retries = 프로듀서 { $producer }{ JOSA($producer, "이/가") } { $partition }에 대해 { $error } 에러를 받았습니다. 재시도할 수 있는 에러이므로 다시 보냅니다.
step-producer-is-closed = { $abandoned ->
    [0] 프로듀서 { $producer }{ JOSA($producer, "이/가") } 닫혔습니다. 받아 둔 레코드는 모두 처리가 끝났습니다.
   *[other] 프로듀서 { $producer }{ JOSA($producer, "을/를") } 닫는 제한 시간이 끝났습니다. ack를 받지 못한 레코드 { $abandoned }개는 실패했습니다.
 }
step-producer-awaits-memory = 프로듀서 { $producer }의 새 배치에 buffer.memory { $bytes }바이트가 필요하지만 { $availableBytes }바이트만 남았습니다. 앞선 배치가 끝날 때까지 send()가 최대 max.block.ms 동안 블록됩니다.
step-producer-buffer-exhausted = 프로듀서 { $producer }의 send()가 TimeoutException으로 실패했습니다. Failed to allocate { $bytes } bytes within the configured max blocking time { $maxBlockMs } ms. 전체 메모리는 { $totalBytes }바이트, 남은 메모리는 { $availableBytes }바이트입니다.
step-producer-splits-batch = 브로커가 { $partition }에 보낸 프로듀서 { $producer }의 배치를 MESSAGE_TOO_LARGE로 거절했습니다. 레코드 { $records }개를 합친 크기가 max.message.bytes보다 큽니다. { $parts ->
    [one] batch.size 이하로 나눠도 같은 배치 하나라서 그대로 다시 보냅니다. 또 거절되면 반으로 나눕니다
   *[other] 더 작은 배치 { $parts }개로 나눠 다시 보냅니다
 }. 재시도 횟수는 줄지 않습니다.
step-producer-opens-connection = 프로듀서 { $producer }{ JOSA($producer, "이/가") } 브로커 { $node }에 연결합니다. 이 연결에서는 ApiVersions가 먼저 나갑니다. 그 응답이 올 때까지 이 브로커로 갈 배치는 어큐뮬레이터에 남습니다.
step-connection-ready = ApiVersions의 응답이 왔습니다. { $client }{ JOSA($client, "은/는") } 노드 { $node }에서 어떤 버전을 쓸 수 있는지 알게 되었습니다. 연결이 준비되었으므로, 기다리던 요청을 보낼 수 있습니다.
step-producer-has-id = 프로듀서 { $producer }{ JOSA($producer, "은/는") } producer id { $producerId }, epoch { $epoch }{ JOSA($epoch, "을/를") } 받았습니다. 이제 보내는 배치마다 이 값과 sequence number가 실려서, 같은 배치가 두 번 와도 파티션이 알아봅니다.
step-producer-waits-for-id = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 아직 producer id를 받지 못했습니다({ $error }). 배치는 기다리고, 프로듀서는 retry.backoff.ms 뒤에 다시 요청합니다.
step-producer-bumps-epoch = 프로듀서 { $producer }{ JOSA($producer, "이/가") } producer id { $producerId }의 epoch를 { $epoch }{ JOSA($epoch, "으로/로") } 올렸습니다. 한 파티션의 sequence number가 브로커가 아는 것과 더는 이어지지 않으므로, 그 파티션의 번호는 0부터 다시 시작합니다.
step-send-outside-transaction = 프로듀서 { $producer }의 send()가 IllegalStateException을 던졌습니다. 트랜잭션이 { $state } 상태이기 때문입니다. 그래도 Kafka처럼 레코드는 accumulator에 남아, 그 파티션에 쓰는 다음 트랜잭션과 함께 나갑니다.
step-producer-asks-for-transaction = 프로듀서 { $producer }{ JOSA($producer, "이/가") } 트랜잭션을 위해 브로커 { $node }에 { $api } 요청을 보냅니다.
step-producer-found-coordinator = 프로듀서 { $producer }{ JOSA($producer, "은/는") } { $name }의 코디네이터가 브로커 { $node }임을 알았습니다.
step-transactions-initialized = 프로듀서 { $producer }의 initTransactions()가 끝났습니다. producer id { $producerId }, epoch { $epoch }입니다. 같은 transactional.id를 더 낮은 epoch로 쓰던 쪽은 이제 fenced 상태입니다.
step-partitions-added-to-transaction = 트랜잭션 코디네이터가 프로듀서 { $producer }의 트랜잭션에 파티션 { $partitionCount }개를 기록했습니다. 이제야 그 파티션으로 배치를 보낼 수 있습니다.
step-offsets-await-transaction = 그룹 { $group }의 코디네이터가 프로듀서 { $producer }{ JOSA($producer, "이/가") } 보낸 오프셋을 보관합니다. 트랜잭션이 커밋되어야 커밋된 오프셋이 됩니다.
step-transaction-ended = { $committed ->
    [true] 프로듀서 { $producer }의 commitTransaction()이 끝났습니다. 결과가 트랜잭션 코디네이터의 로그에 남아 더는 바뀌지 않습니다. 파티션의 마커는 코디네이터가 씁니다.
   *[false] 프로듀서 { $producer }의 abortTransaction()이 끝났습니다. 결과가 트랜잭션 코디네이터의 로그에 남았습니다. 파티션의 마커는 코디네이터가 씁니다.
}
step-transaction-call-timed-out = 프로듀서 { $producer }의 { $call }()이 max.block.ms({ $maxBlockMs } ms) 동안 끝나지 않아 TimeoutException을 던졌습니다. 시작된 작업은 백그라운드에서 계속됩니다.{ $call ->
    [sendOffsetsToTransaction] { "" }
   *[other] {" "}애플리케이션은 { $call }()을 다시 호출하기 전에는 다른 호출을 할 수 없습니다.
}
step-transaction-was-empty = { $committed ->
    [true] 프로듀서 { $producer }의 commitTransaction()이 끝났습니다. 트랜잭션에 쓴 것이 없어 아무에게도 묻지 않았습니다.
   *[false] 프로듀서 { $producer }의 abortTransaction()이 끝났습니다. 브로커에 도달한 것이 없어 아무에게도 묻지 않았습니다.
}
step-transaction-request-retried = 프로듀서 { $producer }의 트랜잭션을 위한 { $api } 요청이 실패했습니다({ $error }). 프로듀서가 다시 보냅니다.
step-transaction-is-to-abort = 프로듀서 { $producer }의 트랜잭션은 더는 커밋할 수 없습니다({ $error }). 애플리케이션이 할 수 있는 것은 중단뿐입니다.
step-producer-cannot-go-on = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 더는 쓸 수 없습니다({ $error }). 애플리케이션이 닫아야 합니다.
step-application-writes = 컨슈머 { $consumer }의 애플리케이션이 레코드 { $records }개를 처리하고 결과를 프로듀서 { $producer }에 넘겼습니다.
step-application-aborts = 컨슈머 { $consumer }의 애플리케이션이 프로듀서 { $producer }의 트랜잭션을 중단합니다.
step-application-goes-on = 컨슈머 { $consumer }의 애플리케이션이 읽은 것을 다 처리했습니다.
step-application-rewinds = 컨슈머 { $consumer }의 애플리케이션이 마지막 커밋 뒤에 읽은 것을 버리고, 그 자리부터 다시 읽습니다.
step-application-ends = 컨슈머 { $consumer }의 애플리케이션이 끝납니다. 프로듀서 { $producer }{ JOSA($producer, "을/를") } 더는 쓸 수 없기 때문입니다({ $error }).
step-producer-gives-up = 프로듀서 { $producer }{ JOSA($producer, "이/가") } { $partition }에 보낼 레코드를 포기했습니다({ $error }). 애플리케이션에 실패를 알립니다.

## 리더

step-leader-appended-waits = 브로커 { $node }{ JOSA($node, "이/가") } leader epoch { $leaderEpoch }에서 { $partition }의 오프셋 { $baseOffset }에 배치를 추가했습니다. acks=all이므로 응답은 high watermark가 오프셋 { $lastOffset }{ JOSA($lastOffset, "을/를") } 지날 때까지 purgatory에서 기다립니다.
step-leader-appended-commits = 브로커 { $node }{ JOSA($node, "이/가") } leader epoch { $leaderEpoch }에서 { $partition }의 오프셋 { $baseOffset }에 배치를 추가했습니다. ISR에 자신밖에 없으므로 배치는 바로 커밋되고, acks=all이라도 기다릴 것이 없습니다.
step-leader-appended-answers = 브로커 { $node }{ JOSA($node, "이/가") } leader epoch { $leaderEpoch }에서 { $partition }의 오프셋 { $baseOffset }에 배치를 추가하고 바로 응답합니다. acks=1은 여기까지만 요구합니다. 이 배치를 가졌다고 확인된 팔로워는 아직 없습니다.
step-leader-appended-silently = 브로커 { $node }{ JOSA($node, "이/가") } leader epoch { $leaderEpoch }에서 { $partition }의 오프셋 { $baseOffset }에 배치를 추가했습니다. acks=0이므로 응답을 기다리는 쪽이 없습니다.
step-leader-found-duplicate = 브로커 { $node }{ JOSA($node, "이/가") } { $partition }에서 이 배치를 기억하고 있습니다. producer id, epoch, sequence number가 오프셋 { $baseOffset }~{ $lastOffset }에 있는 배치와 같습니다. 아무것도 추가하지 않고, 처음인 것처럼 그 오프셋으로 응답합니다.
step-produce-refused = 브로커 { $node }{ JOSA($node, "이/가") } { $partition }에 대한 쓰기를 거절했습니다({ $error }). 로그에는 아무것도 추가되지 않았습니다.
step-produce-failed-after-append = 브로커 { $node }{ JOSA($node, "이/가") } { $partition }에 대한 쓰기에 { $error }{ JOSA($error, "으로/로") } 응답합니다. 레코드는 이미 로그에 있어서, 나중에 커밋될 수도 있고 유실될 수도 있습니다.
step-fetch-moved-high-watermark = 브로커 { $follower }{ JOSA($follower, "이/가") } { $partition }{ JOSA($partition, "을/를") } 오프셋 { $offset }부터 fetch해서, 자신의 로그가 거기까지 이르렀음을 증명했습니다. 이제 세어야 할 replica가 모두 그러하므로, 리더인 브로커 { $node }{ JOSA($node, "이/가") } high watermark를 { $highWatermark }{ JOSA($highWatermark, "으로/로") } 올립니다.
step-fetch-from-follower = 브로커 { $follower }{ JOSA($follower, "이/가") } { $partition }{ JOSA($partition, "을/를") } 오프셋 { $offset }부터 fetch했습니다. { $offset ->
    [0] 아직 레코드가 하나도 없다는 것을 리더인 브로커 { $node }{ JOSA($node, "이/가") } 이제 알았습니다.
   *[other] 로그가 거기까지 이르렀다는 것을 리더인 브로커 { $node }{ JOSA($node, "이/가") } 이제 알았습니다.
 }
step-follower-fetch-waits = 브로커 { $node }에는 팔로워 { $follower }에게 줄 새 레코드가 없습니다. 이 fetch는 레코드가 오거나 replica.fetch.wait.max.ms가 지날 때까지 purgatory에서 기다립니다.
step-follower-fetch-answered = 브로커 { $node }{ JOSA($node, "이/가") } 팔로워 { $follower }의 fetch에 바로 응답했습니다.
step-consumer-fetch-waits = 브로커 { $node }에는 { $consumer }{ JOSA($consumer, "이/가") } 읽지 않은 커밋된 레코드가 충분하지 않습니다. 이 fetch는 fetch.min.bytes만큼 모이거나 fetch.max.wait.ms가 지날 때까지 purgatory에서 기다립니다.
step-consumer-fetch-answered = 브로커 { $node }{ JOSA($node, "이/가") } { $consumer }의 fetch에 바로 응답했습니다. 응답에는 high watermark 이후의 레코드가 없습니다.
step-fetch-refused = 브로커 { $node }{ JOSA($node, "이/가") } { $from }의 { $partition } fetch를 거절했습니다({ $error }).
step-leader-found-divergence = { $endOffset ->
    [-1] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 두 로그가 갈라졌다고 팔로워 { $follower }에게 알려 줬습니다. 팔로워의 마지막 epoch와 비교할 수 있는 leader epoch를 리더는 모릅니다.
   *[other] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 두 로그가 어디서 갈라지는지 팔로워 { $follower }에게 알려 줬습니다. 리더 쪽의 leader epoch { $leaderEpoch }{ JOSA($leaderEpoch, "은/는") } 오프셋 { $endOffset }에서 끝납니다.
 }
step-fetch-waited-enough = { $to }의 fetch가 브로커 { $node }에서 정해진 시간을 다 기다렸습니다. 비어 있더라도 지금 있는 만큼으로 응답합니다.
step-produce-timed-out = { $to }의 produce가 브로커 { $node }에서 너무 오래 기다려 REQUEST_TIMED_OUT 응답을 받습니다. 레코드는 로그에 남아 있고, 나중에 커밋될 수도 있습니다.
step-isr-checked = 브로커 { $node }{ JOSA($node, "이/가") } 뒤처진 팔로워가 있는지 확인했습니다. ISR에서 나가야 할 replica는 없습니다.
step-isr-shrink-proposed = { $partition }의 팔로워 하나가 replica.lag.time.max.ms 안에 따라잡지 못했습니다. 브로커 { $node }{ JOSA($node, "이/가") } 컨트롤러에 더 작은 ISR을 제안합니다. 응답이 올 때까지는 기존 ISR로 셉니다.
step-isr-answered = 브로커 { $node }{ JOSA($node, "이/가") } 제안한 { $partition }의 ISR을 컨트롤러가 받아들였습니다.
step-isr-refused = 브로커 { $node }{ JOSA($node, "이/가") } 제안한 { $partition }의 ISR을 컨트롤러가 거절했습니다({ $error }).

## 팔로워

step-follower-appended = 브로커 { $node }{ JOSA($node, "이/가") } 브로커 { $leader }에서 { $partition }{ JOSA($partition, "을/를") } 오프셋 { $lastOffset }까지 복제했습니다. 리더는 다음 fetch를 받아야 이 사실을 압니다.
step-follower-learned-high-watermark = 브로커 { $node }{ JOSA($node, "이/가") } 브로커 { $leader }의 fetch 응답에서 { $partition }의 high watermark { $highWatermark }{ JOSA($highWatermark, "을/를") } 알게 됐습니다. 팔로워는 언제나 리더가 올린 다음에야 압니다.
step-follower-truncated = { $by ->
    [leader-log-start] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 로그를 모두 버리고, 리더인 브로커 { $leader }의 로그가 시작하는 오프셋 { $to }부터 다시 시작합니다. 갖고 있던 레코드는 모두 그보다 오래된 것이었습니다.
    [leader-log-end] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 로그를 오프셋 { $to }부터 잘라 냈습니다. 리더인 브로커 { $leader }의 로그가 거기서 끝납니다.
    [high-watermark] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 로그를 자신의 high watermark인 오프셋 { $to }부터 잘라 냈습니다. 리더인 브로커 { $leader }에게 같은 레코드가 있든 없든, 거기서부터는 믿지 않습니다.
   *[leader-epoch] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 로그를 오프셋 { $to }부터 잘라 냈습니다. 잘린 레코드의 leader epoch가 리더인 브로커 { $leader }의 같은 오프셋에 있는 것과 일치하지 않습니다.
 }
step-follower-fetched-nothing = 브로커 { $node }{ JOSA($node, "이/가") } 브로커 { $leader }에서 새 레코드가 없는 응답을 받았습니다. 다시 fetch합니다.
step-follower-partition-failed = 브로커 { $node }{ JOSA($node, "이/가") } 브로커 { $leader }에서 fetch한 { $partition } 레코드를 로그에 추가하지 못했습니다. 이 파티션은 failed로 표시되어, leader epoch가 바뀔 때까지 다시 fetch하지 않습니다.
step-follower-fetched-corrupt = 브로커 { $node }{ JOSA($node, "이/가") } 브로커 { $leader }에서 손상된 { $partition } 배치를 받았습니다. backoff 후에 다시 fetch합니다.
step-follower-refused = 브로커 { $leader }{ JOSA($leader, "이/가") } 브로커 { $node }의 { $partition } fetch를 거절했습니다({ $error }).
step-follower-fetches-again = 브로커 { $node }{ JOSA($node, "이/가") } 브로커 { $leader }에서 다시 fetch합니다.

## metadata와 컨트롤러

step-broker-applied-metadata = 브로커 { $node }{ JOSA($node, "이/가") } 메타데이터 레코드를 오프셋 { $from }부터 { $to } 앞까지 적용했습니다. 이제부터 그 내용대로 동작합니다.
step-broker-fetched-no-metadata = 브로커 { $node }{ JOSA($node, "이/가") } 메타데이터 로그를 fetch했지만 새 레코드가 없었습니다.
step-vote-granted = 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }에서 컨트롤러 { $candidate }에게 투표했습니다. 후보의 로그가 자신의 로그보다 뒤처지지 않습니다. 투표는 응답하기 전에 디스크에 기록됩니다.
step-pre-vote-granted = 컨트롤러 { $node }{ JOSA($node, "은/는") } epoch { $epoch }에 있는 컨트롤러 { $candidate }에게 투표할 수 있다고 답했습니다. 후보의 로그가 자신의 로그보다 뒤처지지 않습니다. pre-vote에는 구속력이 없습니다.
step-vote-denied = 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }에서 컨트롤러 { $candidate }에 대한 투표를 거절했습니다. 다른 후보에게 이미 투표했거나, 그 epoch의 리더를 알고 있거나, 자신의 로그가 더 앞서 있습니다.
step-pre-vote-denied = 컨트롤러 { $node }{ JOSA($node, "은/는") } epoch { $epoch }에 있는 컨트롤러 { $candidate }에게 투표하지 않겠다고 답했습니다. 스스로 리더이거나, 응답하는 리더를 따르고 있거나, 자신의 로그가 더 앞서 있습니다.
step-vote-counted = 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }에 대한 컨트롤러 { $voter }의 표를 얻었습니다.
step-pre-vote-counted = 컨트롤러 { $node }{ JOSA($node, "은/는") } 컨트롤러 { $voter }의 표를 얻을 수 있습니다. epoch는 아직 { $epoch }입니다.
step-voter-is-against = 컨트롤러 { $node }{ JOSA($node, "은/는") } epoch { $epoch }에서 컨트롤러 { $voter }의 지지를 얻지 못했습니다.
step-voter-seeks-election = 컨트롤러 { $node }{ JOSA($node, "은/는") } epoch { $epoch }의 리더를 모르고, 선출 제한 시간이 끝났습니다. 선출될 가능성이 있는지 다른 voter들에게 먼저 묻습니다.
step-quorum-connection-timed-out = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $to }{ JOSA($to, "과/와") }의 연결을 닫았습니다. 이 연결로 보낸 { $api } 요청이 controller.quorum.request.timeout.ms 동안 응답을 받지 못했습니다. 더는 그 응답을 기다리지 않지만, 연결을 닫기 전에는 다른 것을 보낼 수 없었습니다.
step-voter-misses-leader = 컨트롤러 { $node }{ JOSA($node, "이/가") } controller.quorum.fetch.timeout.ms 동안 컨트롤러 { $leader }에게서 아무것도 fetch하지 못했습니다. 선출될 가능성이 있는지 다른 voter들에게 먼저 묻습니다. epoch는 그대로 { $epoch }입니다.
step-election-timed-out = 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }에서 제때 충분한 표를 얻지 못했습니다.
step-voter-elected = 컨트롤러 { $node }{ JOSA($node, "이/가") } 과반수의 표를 얻어 epoch { $epoch }의 리더가 되었습니다. 이전 epoch에 쓰인 레코드는 이 리더의 첫 레코드가 과반수에 복제된 뒤에야 커밋된 것으로 칩니다.
step-leader-misses-majority = 컨트롤러 { $node }{ JOSA($node, "은/는") } fetch 제한 시간의 1.5배 동안 과반수의 fetch를 받지 못했습니다. 소식이 닿지 않는 곳에서 새 리더가 선출되었을 수 있으므로 epoch { $epoch }의 리더에서 물러납니다.
step-leader-resigns-to-end = 컨트롤러 { $node }{ JOSA($node, "은/는") } 종료하기 전에 epoch { $epoch }의 리더에서 물러나고 다른 voter들에게 알립니다. 그러면 다른 voter들은 제한 시간을 기다리지 않고 새 리더를 선출합니다.
step-controller-renounces = 컨트롤러 { $node }{ JOSA($node, "은/는") } 요청이 일으켜서는 안 될 예외를 만나 자신의 결함으로 보고 epoch { $epoch }의 리더에서 물러났습니다. 아직 커밋되지 않은 내용은 버립니다.
step-resigned-leader-goes-on = epoch { $epoch } 이전의 리더였던 컨트롤러 { $node }{ JOSA($node, "은/는") } 새 리더의 소식을 듣지 못했습니다. 같은 epoch를 두 번 이끌 수 없으므로 다음 epoch로 넘어갑니다.
step-voter-learnt-leader = 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }의 리더가 컨트롤러 { $leader }임을 알게 되었습니다.
step-voter-learnt-no-leader = 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }의 리더가 알려져 있지 않다는 응답을 컨트롤러 { $from }에게서 받았습니다.
step-quorum-thread-failed = 컨트롤러 { $node }의 프로세스가 epoch { $epoch }에서 종료 코드 1로 끝났습니다. 쿼럼에 대해 받은 내용이 알고 있던 것과 모순되어 raft 스레드가 멈추었기 때문입니다.
step-voter-learnt-resignation = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $leader }{ JOSA($leader, "이/가") } epoch { $epoch }의 리더에서 물러났음을 알게 되었습니다. fetch 제한 시간을 기다릴 필요가 없습니다.
step-voter-knows-leader = 컨트롤러 { $voter }{ JOSA($voter, "이/가") } epoch { $epoch }의 리더인 컨트롤러 { $node }에 응답했습니다.
step-voter-knows-resignation = 컨트롤러 { $voter }{ JOSA($voter, "이/가") } epoch { $epoch }의 리더에서 물러난 컨트롤러 { $node }에 응답했습니다.
step-voter-replicated = 컨트롤러 { $node }{ JOSA($node, "이/가") } 리더가 보낸 메타데이터 레코드를 오프셋 { $from }부터 { $to } 직전까지 추가했습니다.
step-voter-truncated = 컨트롤러 { $node }{ JOSA($node, "이/가") } 메타데이터 로그를 오프셋 { $to }에서 잘라 냈습니다. { $from } 앞까지 있던 레코드는 리더의 로그에 없으며 커밋된 적도 없습니다.
step-voter-learnt-high-watermark = 컨트롤러 { $node }{ JOSA($node, "이/가") } 메타데이터 로그가 오프셋 { $highWatermark }까지 커밋되었음을 알게 되었습니다.
step-voter-fetched-nothing = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $leader }에서 fetch했지만 새 레코드가 없었습니다.
step-leader-sends-heartbeats = 하트비트 간격 50 ms가 지나, epoch { $epoch }의 리더인 컨트롤러 { $node }{ JOSA($node, "이/가") } 다른 voter들에 AppendEntries를 보냅니다. 앞의 요청에 아직 응답하지 않은 voter에는 보내지 않습니다.
step-heartbeat-heard = 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }의 리더인 컨트롤러 { $leader }의 AppendEntries를 받았습니다. 새로 추가할 레코드는 없고, 선출 제한 시간을 처음부터 다시 잽니다.
step-entries-refused = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $leader }의 AppendEntries를 거절했습니다. 받은 레코드 바로 앞인 오프셋 { $offset }의 레코드가 로그에 없거나 epoch가 다릅니다. 자신의 로그가 리더의 로그와 어디까지 일치할 수 있는지 함께 답합니다.
step-old-leader-refused = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $leader }의 AppendEntries를 거절했습니다. 그 리더의 epoch는 끝났고, 자신은 epoch { $epoch }에 있습니다.
step-voter-has-entries = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $voter }의 로그에 오프셋 { $offset } 앞까지 있음을 확인했습니다. 리더 자신의 첫 레코드부터는 과반수에 있으면 커밋된 것입니다.
step-voter-lacks-entries = 컨트롤러 { $node }{ JOSA($node, "이/가") } 보낸 레코드의 바로 앞 레코드가 컨트롤러 { $voter }에 없습니다. 다음에는 오프셋 { $offset }부터 보냅니다.
step-voter-heard-nothing = { $leader ->
    [-1] 컨트롤러 { $node }{ JOSA($node, "은/는") } 선출 제한 시간 동안 AppendEntries를 받지 못했고 epoch { $epoch }의 리더도 모릅니다. 먼저 묻지 않고 다음 epoch의 선거에 나섭니다.
   *[other] 컨트롤러 { $node }{ JOSA($node, "이/가") } 선출 제한 시간(150~300 ms) 동안 컨트롤러 { $leader }의 AppendEntries를 받지 못했습니다. 먼저 묻지 않고 epoch { $epoch } 다음의 선거에 나섭니다.
}
step-metadata-fetch-waits = 컨트롤러 { $node }에는 노드 { $broker }에게 줄 새 메타데이터 레코드가 없습니다. 이 fetch는 기다립니다.
step-metadata-fetch-answered = 컨트롤러 { $node }{ JOSA($node, "이/가") } 노드 { $broker }의 메타데이터 fetch에 응답했습니다.
step-voter-addition-begun = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $voter }{ JOSA($voter, "을/를") } voter로 추가하라는 요청을 받았습니다. 먼저 어떤 버전을 지원하는지 묻습니다.
step-voter-added = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $voter }까지 포함하는 KRaftVoters 레코드를 기록했습니다. 기록하는 즉시 유효하므로, 이 레코드를 커밋하는 과반은 새 voter들의 과반입니다.
step-voter-removal-begun = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $voter }{ JOSA($voter, "을/를") } 뺀 KRaftVoters 레코드를 기록했습니다. 기록하는 즉시 유효하므로, 이 레코드를 커밋하는 과반은 남은 voter들의 과반입니다.
step-voter-updated = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $voter }의 현재 리스너와 지원 버전을 담은 KRaftVoters 레코드를 기록했습니다.
step-voter-change-committed = 컨트롤러 { $voter }에 대한 voter 변경이 컨트롤러 { $node }에서 끝났고, 요청한 쪽에 응답합니다.
step-voter-change-timed-out = 컨트롤러 { $node }{ JOSA($node, "이/가") } controller.quorum.request.timeout.ms 안에 voter 변경을 마치지 못했습니다. 이미 기록된 레코드는 나중에 커밋될 수 있습니다.
step-voter-asks-for-update = 컨트롤러 { $node }의 리스너나 지원 버전이 voter 레코드에 적힌 것과 다릅니다. 리더인 컨트롤러 { $leader }에 UpdateRaftVoter로 알립니다.
step-static-voter-noted = 컨트롤러 { $node }{ JOSA($node, "이/가") } 컨트롤러 { $voter }의 리스너와 지원 버전을 메모리에 기록해 둡니다. voter는 controller.quorum.voters 그대로이며, 리더가 kraft.version을 올려 voter를 로그에 기록할 때만 이 정보가 쓰입니다.
step-controller-asks-for-vote = 컨트롤러 { $node }{ JOSA($node, "은/는") } 투표하지 않는 컨트롤러이지만 controller.quorum.auto.join.enable 설정이 켜져 있어, 리더인 컨트롤러 { $leader }에 자신을 추가하는 AddRaftVoter를 보냅니다.
step-controller-asks-for-removal = voter 레코드에는 컨트롤러 { $node }{ JOSA($node, "이/가") } 다른 디렉터리로 적혀 있습니다. 리더인 컨트롤러 { $leader }에 그 voter를 먼저 제거해 달라고 요청하고, 그다음 자신의 투표권을 요청합니다.
step-own-vote-answered = { $error ->
    [NONE] 컨트롤러 { $node }{ JOSA($node, "이/가") } 자신의 투표권에 대해 보낸 요청을 리더가 반영했습니다.
   *[other] 컨트롤러 { $node }{ JOSA($node, "이/가") } 자신의 투표권에 대해 보낸 요청을 리더가 거절했습니다: { $error }. controller.quorum.fetch.timeout.ms 뒤에 다시 요청합니다.
}
step-removed-leader-resigns = 자신을 제거하는 변경이 커밋되어 컨트롤러 { $node }{ JOSA($node, "이/가") } epoch { $epoch }의 리더에서 물러납니다. 이후에는 observer로 남습니다.
step-snapshot-offered = 컨트롤러 { $node }{ JOSA($node, "이/가") } 노드 { $replica }에게 오프셋 { $endOffset }까지의 스냅샷(epoch { $epoch })을 먼저 fetch하라고 답했습니다. 노드 { $replica }의 로그가 비어 있거나, 필요한 레코드가 로그에 더는 없습니다.
step-snapshot-needed = 노드 { $node }{ JOSA($node, "은/는") } 메타데이터 로그를 이어 받기 전에 스냅샷이 필요합니다. 오프셋 { $endOffset }까지의 스냅샷(epoch { $epoch })의 첫 조각을 요청합니다.
step-snapshot-piece-served = 컨트롤러 { $node }{ JOSA($node, "이/가") } 노드 { $replica }에게 전체 { $size }바이트인 스냅샷의 { $from }바이트부터 { $to }바이트까지를 보냈습니다.
step-snapshot-piece-fetched = 노드 { $node }{ JOSA($node, "이/가") } 스냅샷 { $size }바이트 가운데 { $to }바이트를 받았고 다음 조각을 요청합니다. 마지막 조각이 올 때까지는 임시 파일에 있어, 재시작하면 처음부터 다시 받습니다.
step-snapshot-installed = 노드 { $node }{ JOSA($node, "이/가") } 스냅샷을 모두 받았습니다. 이제 메타데이터 로그는 비어 있고 epoch { $epoch } 뒤, 오프셋 { $endOffset }에서 시작합니다. image는 스냅샷으로 만듭니다.
step-snapshot-given-up = 노드 { $node }{ JOSA($node, "은/는") } 오프셋 { $endOffset }까지의 스냅샷(epoch { $epoch })을 더 받을 수 없습니다. 다음 fetch에서 대신 무엇이 있는지 알게 됩니다.
step-snapshots-cleaned = 노드 { $node }{ JOSA($node, "이/가") } 더 새로운 것으로 대체된 메타데이터 로그 스냅샷을 삭제했습니다. 이제 로그는 오프셋 { $to }에서 시작합니다.
step-delete-records-waits = 브로커 { $node }{ JOSA($node, "은/는") } { $to }의 요청대로 자기 로그의 시작을 옮겼고, 살아 있는 팔로워가 모두 그렇게 하면 응답합니다. 팔로워는 한 번의 fetch로 알고, 다음 fetch로 증명합니다.
step-metadata-fetch-waited-enough = 노드 { $broker }의 메타데이터 fetch가 컨트롤러 { $node }에서 정해진 시간을 다 기다렸습니다. 빈 응답이 나갑니다.
step-controller-registered = 컨트롤러 { $node }{ JOSA($node, "이/가") } 브로커 { $broker }{ JOSA($broker, "을/를") } 등록했습니다. 메타데이터 로그를 따라잡을 때까지는 fenced 상태입니다.
step-controller-heard-heartbeat = 컨트롤러 { $node }{ JOSA($node, "이/가") } 브로커 { $broker }의 하트비트를 받았습니다.
step-controller-unfenced = 컨트롤러 { $node }{ JOSA($node, "이/가") } 브로커 { $broker }{ JOSA($broker, "을/를") } unfenced 상태로 바꿨습니다. 이제 클라이언트를 받을 수 있고 리더도 맡을 수 있습니다.
step-controller-fenced = 컨트롤러 { $node }{ JOSA($node, "이/가") } broker.session.timeout.ms 동안 브로커 { $broker }의 소식을 듣지 못해 fenced 상태로 바꿨습니다. 이 브로커는 리더를 맡지 못하고, 다른 멤버가 있는 ISR에서는 빠집니다.
step-controller-checked-sessions = 컨트롤러 { $node }{ JOSA($node, "이/가") } 브로커 세션을 확인했습니다. 만료된 것은 없습니다.
step-controller-shuts-down-broker = 컨트롤러 { $node }{ JOSA($node, "이/가") } 종료하려는 브로커 { $broker }의 리더를 다른 브로커로 옮깁니다.
step-controller-changed-isr = 컨트롤러 { $node }{ JOSA($node, "이/가") } { $partition }의 리더가 제안한 ISR을 메타데이터 로그에 기록했습니다.
step-controller-refused-isr = 컨트롤러 { $node }{ JOSA($node, "이/가") } { $partition }의 리더가 제안한 ISR을 거절했습니다({ $error }).
step-controller-decided = 컨트롤러 { $node }{ JOSA($node, "이/가") } { $api } 요청을 처리했습니다. 결과 레코드는 메타데이터 로그에 있습니다.
step-controller-refused = 컨트롤러 { $node }{ JOSA($node, "이/가") } { $api } 요청을 거절했습니다({ $error }).
step-controller-activated = 컨트롤러 { $node }{ JOSA($node, "이/가") } 액티브 컨트롤러가 됐습니다. 메타데이터 로그에는 액티브 컨트롤러만 씁니다.
step-controller-balanced = 컨트롤러 { $node }{ JOSA($node, "이/가") } 리더가 없거나 선호 리더가 이끌지 않는 파티션이 있는지 확인했습니다.
step-broker-sends-heartbeat = 브로커 { $node }{ JOSA($node, "이/가") } 컨트롤러에 하트비트를 보냅니다.
step-broker-heartbeat-answered = 컨트롤러가 브로커 { $node }의 하트비트에 응답했습니다. 이 브로커는 { $fenced ->
    [true] 아직 fenced 상태입니다
   *[false] fenced 상태가 아닙니다
 }.
step-controller-sends-registration = 컨트롤러 { $node }{ JOSA($node, "이/가") } 액티브 컨트롤러에 등록을 요청합니다. 자신의 리스너와 지원하는 feature 레벨을 알립니다.
step-controller-registered-again = 컨트롤러 { $node }{ JOSA($node, "은/는") } 브로커 { $broker }의 이 프로세스를 이미 등록해 두었습니다. 등록을 한 번 더 기록할 뿐, 브로커의 epoch는 { $brokerEpoch } 그대로이고 fenced 여부도 바뀌지 않습니다.
step-controller-registered-controller = 컨트롤러 { $node }{ JOSA($node, "이/가") } RegisterControllerRecord로 컨트롤러 { $controller }{ JOSA($controller, "을/를") } 등록했습니다.
step-controller-registration-answered = 컨트롤러 { $node }{ JOSA($node, "이/가") } 등록됐습니다.
step-controller-registration-refused = 컨트롤러 { $node }의 등록이 거절됐습니다({ $error }).
step-broker-registers = 브로커 { $node }{ JOSA($node, "이/가") } 컨트롤러에 등록을 요청합니다.
step-broker-registration-answered = 브로커 { $node }{ JOSA($node, "이/가") } 등록됐습니다. broker epoch는 { $brokerEpoch }입니다.
step-broker-registration-refused = 브로커 { $node }의 등록이 거절됐습니다({ $error }).
step-broker-checkpoints = { $isNew ->
    [true] 브로커 { $node }{ JOSA($node, "이/가") } 자기 replica들의 high watermark를 replication-offset-checkpoint에 썼습니다. 재시작하면 여기서부터 이어 갑니다.
   *[false] 브로커 { $node }{ JOSA($node, "이/가") } 자기 replica들의 high watermark를 replication-offset-checkpoint에 썼습니다. 전과 같은 값입니다.
 }
step-broker-cleans-logs = 브로커 { $node }{ JOSA($node, "이/가") } retention과 compaction으로 지울 것이 있는지 로그를 확인했습니다.
step-broker-stopped = 브로커 { $node }{ JOSA($node, "은/는") } 이제 맡은 리더가 없고, 종료됐습니다.
step-broker-registration-timed-out = 브로커 { $node }{ JOSA($node, "이/가") } 시작한 뒤 initial.broker.registration.timeout.ms 안에 어느 컨트롤러에도 등록되지 못해 프로세스가 종료됐습니다.
step-controlled-shutdown-timed-out = 브로커 { $node }{ JOSA($node, "은/는") } 컨트롤러의 controlled shutdown 승인을 5분 동안 기다렸지만 받지 못해, 승인 없이 종료됐습니다.
step-controller-stopped = 컨트롤러 { $node }{ JOSA($node, "이/가") } 종료되었습니다.
step-broker-forwards = 브로커 { $node }{ JOSA($node, "이/가") } { $api } 요청을 컨트롤러에 전달합니다.
step-waits-for-controller = 브로커 { $node }{ JOSA($node, "이/가") } 아는 액티브 컨트롤러가 없습니다. { $api } 요청은 액티브 컨트롤러를 알게 될 때까지 큐에서 기다립니다.
step-controller-request-timed-out = 브로커 { $node }{ JOSA($node, "이/가") } broker.heartbeat.interval.ms 안에 { $api } 응답을 받지 못해 요청을 포기했습니다. 한 간격 뒤에 다음 요청을 보냅니다.
step-broker-returns = 브로커 { $node }{ JOSA($node, "이/가") } { $api }에 대한 컨트롤러의 응답을 돌려줍니다.
step-broker-answered = 브로커 { $node }{ JOSA($node, "이/가") } { $to }의 { $api } 요청에 자신의 메타데이터 캐시로 응답했습니다. 컨트롤러보다 뒤처진 내용일 수 있습니다.
step-request-given-up = { $actor }{ JOSA($actor, "이/가") } { $to }의 응답을 너무 오래 기다려 { $api } 요청을 포기했습니다. 실제로 처리됐는지는 알 수 없습니다.

## 컨슈머와 그룹

step-consumer-looks-for-coordinator = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 그룹 { $group }의 코디네이터가 어느 브로커인지 묻습니다.
step-consumer-found-coordinator = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 그룹 { $group }의 코디네이터가 브로커 { $node }임을 알았습니다. 그룹 이름의 해시로 정해지는 __consumer_offsets 파티션의 리더입니다.
step-coordinator-unavailable = 브로커들이 아는 한 그룹 { $group }의 코디네이터는 여전히 브로커 { $node }입니다. 그러나 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 방금 그 브로커에 연결하지 못했으므로 기다렸다가 다시 묻습니다.
step-consumer-learns-metadata = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 브로커 { $node }에서 메타데이터를 받았습니다.
step-consumer-joined = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 그룹 { $group }의 generation { $generation }에 참여했습니다. { $asLeader ->
    [true] 그룹 리더로서 파티션 할당을 직접 계산합니다.
   *[false] 할당은 다른 멤버가 계산합니다.
 }
step-consumer-assigned = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 그룹 { $group }에서 파티션 { $partitions }개를 할당받았습니다.
step-consumer-got-target = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 그룹 { $group }에서 멤버 epoch { $memberEpoch }의 목표 할당(파티션 { $partitions }개)을 받았습니다. 할당을 계산한 것은 브로커입니다.
step-consumer-knows-position = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } { $partition }{ JOSA($partition, "을/를") } 오프셋 { $offset }부터 읽습니다.
step-consumer-validates-positions = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 마지막으로 읽은 leader epoch가 로그 어디에서 끝나는지, 리더로 알고 있는 브로커 { $node }에 묻습니다. 답을 받기 전에는 그 파티션을 fetch하지 않습니다.
step-consumer-validated-positions = 브로커 { $node }{ JOSA($node, "이/가") } 컨슈머 { $consumer }에 자기 로그에서 epoch가 어디에서 끝나는지 알려 줬습니다. 컨슈머가 읽은 것이 그대로 있으므로 이어서 읽습니다.
step-consumer-found-truncation = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } { $partition }{ JOSA($partition, "을/를") } 오프셋 { $from }까지 읽었지만 리더의 로그에서 그 epoch는 오프셋 { $endOffset }에서 끝납니다. 나머지는 잘려 나갔습니다. 그 오프셋부터 읽습니다.
step-consumer-lost-epoch = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } { $partition }{ JOSA($partition, "을/를") } 오프셋 { $from }까지 읽었지만 리더는 그 epoch를 모릅니다. auto.offset.reset 설정이 어디부터 읽을지 정합니다.
step-consumer-fetches = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 브로커 { $node }에 레코드를 요청합니다.
step-consumer-read = { SAME($from, $to) ->
    [true] 컨슈머 { $consumer }의 애플리케이션이 { $partition } 오프셋 { $from }의 레코드를 받았습니다. 커밋된 레코드입니다.
   *[false] 컨슈머 { $consumer }의 애플리케이션이 { $partition } 오프셋 { $from }부터 { $to }까지의 레코드를 받았습니다. 모두 커밋된 레코드입니다.
 }
step-consumer-read-nothing = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 브로커 { $node }에서 빈 응답을 받았습니다. 에러가 아니라 아직 읽을 것이 없다는 뜻이며, 다시 요청합니다.
step-consumer-commits = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } { $partition }의 오프셋 { $offset }{ JOSA($offset, "을/를") } 커밋합니다. 다음에 읽을 오프셋입니다.
step-consumer-committed = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } { $partition } 오프셋 { $offset }의 커밋이 안전하게 저장된 것을 확인했습니다.
step-consumer-recovers = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } { $api } 요청에 { $error } 에러를 받고 그에 맞게 대응합니다.
step-consumer-poll-timed-out = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } max.poll.interval.ms({ $intervalMs } ms) 동안 poll하지 않았습니다. 스스로 그룹 { $group }의 멤버가 아니라고 보고, 할당된 파티션도 모두 놓았습니다.
step-consumer-heartbeats = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 그룹 코디네이터에 하트비트를 보냅니다.
step-consumer-idle = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } 할 일이 있는지 확인했지만 없었습니다.
step-coordinator-joins = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } { $member } 멤버를 받아들이고 다른 멤버를 기다립니다.
step-join-cannot-complete = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 고를 프로토콜이 없습니다. 프로토콜은 멤버가 적을 때마다 한 번씩 세는데, 그 수가 멤버 수와 꼭 같은 것이 없습니다. Kafka는 여기서 IllegalArgumentException을 던집니다. 참여는 완료되지 않고 아무도 응답을 받지 못합니다.
step-coordinator-completes-join = 그룹 { $group }의 코디네이터인 브로커 { $node }에 멤버가 모두 모였습니다. generation { $generation }{ JOSA($generation, "이/가") } 시작됩니다.
step-coordinator-syncs = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } generation { $generation }의 할당을 나눠 줬습니다. 할당을 계산한 것은 그룹 리더인 클라이언트입니다.
step-coordinator-heartbeat = { $error ->
    [NONE] 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 멤버의 하트비트를 받았습니다.
   *[other] 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 멤버의 하트비트를 받고 { $error } 에러로 응답했습니다.
 }
step-coordinator-appends-commit = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 오프셋 { $offset }{ JOSA($offset, "을/를") } __consumer_offsets에 추가했습니다. 이 레코드가 커밋돼야 컨슈머에게 응답합니다.
step-coordinator-refuses = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 요청을 거절했습니다({ $error }).
step-coordinator-answers-offsets = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 멤버에게 커밋된 오프셋을 알려 줬습니다.
step-coordinator-appends-txn-offsets = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } { $transactionalId } 트랜잭션의 오프셋을 __consumer_offsets에 추가했습니다. 트랜잭션의 COMMIT 마커도 거기에 기록돼야 유효해집니다.
step-leader-verifies-transaction = 브로커 { $node }{ JOSA($node, "이/가") } 배치를 추가하기 전에 { $transactionalId }의 코디네이터에게 트랜잭션을 확인합니다. 코디네이터가 아는 트랜잭션에 속한 배치여야 합니다.
step-leader-wrote-marker = { $committed ->
    [true] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 오프셋 { $offset }에 트랜잭션의 COMMIT 마커를 기록했습니다.
   *[other] 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 오프셋 { $offset }에 트랜잭션의 ABORT 마커를 기록했습니다.
 }
step-transaction-coordinator-appends = { $transactionalId }의 트랜잭션 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } { $state } 상태를 __transaction_state에 추가했습니다. 이 레코드가 커밋돼야 상태가 바뀝니다.
step-transaction-coordinator-refuses = { $transactionalId }의 트랜잭션 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 요청을 거절했습니다({ $error }).
step-transaction-ends = { $transactionalId }의 { $state } 상태가 __transaction_state에 커밋돼 트랜잭션의 결과가 확정됐습니다. 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 각 파티션의 리더에게 마커를 보냅니다.
step-transaction-markers-answered = 브로커 { $leader }{ JOSA($leader, "이/가") } 트랜잭션 코디네이터인 브로커 { $node }에게 어느 마커를 기록했는지 알렸습니다.
step-transaction-completes = { $transactionalId } 트랜잭션의 모든 파티션에 마커가 기록됐습니다. 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } { $state } 상태를 __transaction_state에 추가합니다.
step-transaction-timed-out = { $transactionalId }의 트랜잭션이 transaction.timeout.ms보다 오래 열려 있었습니다. 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 트랜잭션을 중단하며, 지금부터 이 프로듀서의 epoch는 옛 epoch가 됩니다.
step-coordinator-drops-member = 그룹 { $group }의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } { $member } 멤버를 내보냈습니다. 맡았던 파티션은 다른 멤버에게 갑니다.
step-coordinator-expires = { $partition }에 있는 그룹들의 코디네이터인 브로커 { $node }{ JOSA($node, "이/가") } 더는 필요 없는 것을 지웠습니다. 커밋된 오프셋 { $offsets }개, 빈 그룹 { $groups }개입니다. 이들의 tombstone 레코드는 { $partition }에 씁니다.

## 어드민 클라이언트와 probe

step-admin-answered = { $error ->
    [NONE] 어드민 클라이언트가 { $api } 응답을 받았습니다.
   *[other] 어드민 클라이언트가 { $api } 응답을 받았습니다({ $error }).
 }
step-probe-answered = probe { $probe }{ JOSA($probe, "이/가") } { $api } 응답을 받았습니다.
step-nothing = 눈에 띄는 변화가 없는 백그라운드 작업입니다.

## 로그의 변화

change-appended = 브로커 { $node } · { $partition } · { $asLeader ->
    [true] 리더가 추가
   *[false] 팔로워가 추가
 }, 오프셋 { $baseOffset }, epoch { $leaderEpoch }
change-truncated = 브로커 { $node } · { $partition } · 로그를 잘라 냄, LEO { $from } → { $to }
change-high-watermark-moved = 브로커 { $node } · { $partition } · HW { $from } → { $to }
change-log-start-moved = 브로커 { $node } · { $partition } · 로그 시작 { $from } → { $to }
change-segment-rolled = 브로커 { $node } · { $partition } · 새 세그먼트 { $baseOffset }
change-segment-deleted = 브로커 { $node } · { $partition } · 세그먼트 { $baseOffset } 삭제
change-flushed = { $to ->
    [0] 브로커 { $node } · { $partition } · flush, 로그가 비어 있음
   *[other] 브로커 { $node } · { $partition } · flush, 오프셋 { $to } 앞까지 디스크에 있음
 }
change-index-looked-up = 브로커 { $node } · { $partition } · 오프셋 { $offset }: 세그먼트 { $segment }, { $entryOffset ->
    [-1] 인덱스 항목 없음, 파일 처음부터
   *[other] 인덱스 항목 { $entryOffset } → { $scannedFrom }바이트 위치
 }, 배치 { $scannedBatches }개({ $scannedBytes }바이트)를 지나 { $position }바이트 위치에서 찾음
change-time-index-looked-up = 브로커 { $node } · { $partition } · { $timestamp ->
    [-3] 가장 큰 타임스탬프
   *[other] 타임스탬프 { $timestamp } ms
 }: 세그먼트 { $segment }, { $timeEntryTimestamp ->
    [-1] 시간 인덱스 항목 없음
   *[other] 시간 인덱스 { $timeEntryTimestamp } ms → { $timeEntryOffset }
 }, { $entryOffset ->
    [-1] 파일 처음부터
   *[other] 인덱스 항목 { $entryOffset } → { $scannedFrom }바이트 위치
 }, 배치 { $scannedBatches }개를 지나 오프셋 { $offset }({ $foundTimestamp } ms)을 찾음
change-compacted = 브로커 { $node } · { $partition } · compaction, 레코드 { $removed }개 제거
change-epoch-started = 브로커 { $node } · { $partition } · epoch { $leaderEpoch }, 오프셋 { $startOffset }부터
change-checkpoint-written = 브로커 { $node } · { $file } 기록
change-unflushed-lost = 브로커 { $node } · { $partition } · flush되지 않은 레코드 유실, LEO { $from } → { $to }

## 복제의 변화

change-follower-end-known = 브로커 { $leader } · { $partition } · 팔로워 { $follower } LEO { $from ->
    [-1] 알 수 없음
   *[other] { $from }
 } → { $to ->
    [-1] 알 수 없음
   *[other] { $to }
 }
change-follower-caught-up = 브로커 { $leader } · { $partition } · 팔로워 { $follower } last caught up { $fromMs } → { $toMs } ms
change-became-leader = 브로커 { $node } · { $partition }의 리더, epoch { $leaderEpoch }
change-became-follower = { $leader ->
    [-1] 브로커 { $node } · { $partition }의 팔로워, 리더 없음, epoch { $leaderEpoch }
   *[other] 브로커 { $node } · { $partition }의 팔로워, 리더는 브로커 { $leader }, epoch { $leaderEpoch }
 }
change-isr-proposed = 브로커 { $node } · { $partition } · ISR 제안 { $from } → { $to }
change-isr-changed = { $partition } · ISR { $from } → { $to } (partition epoch { $partitionEpoch })
change-leader-changed = { SAME($from, $to) ->
    [true] { $partition } · 리더 { $to } 유지, epoch { $leaderEpoch }
   *[false] { $partition } · 리더 { $from ->
        [-1] 없음
       *[other] { $from }
     } → { $to ->
        [-1] 없음
       *[other] { $to }
     } (epoch { $leaderEpoch })
 }
change-elr-changed = { $partition } · ELR { $from } → { $to }
change-replicas-changed = { $partition } · replica { $from } → { $to }
change-divergence-found = 브로커 { $node } · { $partition } · { $endOffset ->
    [-1] 리더에 비교할 수 있는 epoch가 없음
   *[other] 리더의 epoch { $leaderEpoch }, 오프셋 { $endOffset }에서 끝남
 }

## 브로커 안 요청 경로의 변화

change-delayed-operation-watched = 노드 { $node } · { $from }의 { $api }, purgatory에서 대기
change-delayed-operation-completed = 노드 { $node } · { $to }의 { $api }, purgatory에서 나옴{ $timedOut ->
    [true] {" "}(시간 초과)
   *[false] {""}
 }
change-refused = 노드 { $node } · { $to }의 { $api } 거절: { $error }

## 컨트롤 플레인의 변화

change-metadata-appended = 컨트롤러 { $node } · 메타데이터 로그 오프셋 { $offset }: { $types }
change-quorum-role-changed = { SAME($from, $to) ->
    [true] 컨트롤러 { $node } · epoch { $epoch } · { $to } 유지
   *[false] 컨트롤러 { $node } · epoch { $epoch } · { $from } → { $to }
 }
change-vote-cast = 컨트롤러 { $node } · epoch { $epoch } · 컨트롤러 { $candidate }에 투표
change-metadata-replicated = 컨트롤러 { $node } · 메타데이터 로그 끝 { $from } → { $to }
change-metadata-truncated = 컨트롤러 { $node } · 메타데이터 로그 끝 { $from } → { $to }
change-voters-changed = 노드 { $node } · voter { $from } → { $to }
change-snapshot-created = 노드 { $node } · 오프셋 { $endOffset }까지의 메타데이터 로그 스냅샷 생성, epoch { $epoch }
change-snapshot-fetched = 노드 { $node } · 오프셋 { $endOffset }까지의 스냅샷, epoch { $epoch } · fetch 완료
change-snapshot-loaded = 노드 { $node } · 오프셋 { $endOffset }까지의 스냅샷에서 image 로드, epoch { $epoch }
change-snapshot-deleted = 노드 { $node } · 오프셋 { $endOffset }까지의 스냅샷, epoch { $epoch } · 삭제
change-metadata-log-start-moved = 노드 { $node } · 메타데이터 로그 시작 { $from } → { $to }
change-quorum-high-watermark-moved = 컨트롤러 { $node } · 메타데이터 로그의 high watermark { $from ->
    [-1] 알 수 없음
   *[other] { $from }
  } → { $to }
change-metadata-applied = 노드 { $node } · 메타데이터 오프셋 { $from } → { $to }
change-broker-registered = 브로커 { $broker } · 등록, broker epoch { $brokerEpoch }
change-broker-fenced = 브로커 { $broker } · fenced
change-broker-unfenced = 브로커 { $broker } · unfenced
change-topic-created = { $topic } · 생성, 파티션 { $partitions }개
change-topic-deleted = { $topic } · 삭제
change-log-level-changed = { $level ->
    [none] 노드 { $node } · 로거 { $logger }의 레벨 설정 해제
   *[other] 노드 { $node } · 로거 { $logger } 레벨 { $level }
 }
change-config-changed = { $value ->
    [none] { $resource } · { $name } 기본값으로
   *[other] { $resource } · { $name } = { $value }
 }

## 프로세스와 링크의 변화

change-crashed = 노드 { $node } · { $machine ->
    [true] 머신 다운
   *[false] 프로세스 다운
 }
change-shut-down = 노드 { $node } · 종료
change-shutdown-requested = 노드 { $node } · 종료 요청
change-started = 노드 { $node } · 시작
change-paused = 노드 { $node } · 일시 정지
change-disk-slowed = { $byMs ->
    [0] 노드 { $node } 디스크 · 다시 빨라짐
   *[other] 노드 { $node } 디스크 · 쓰기당 { $byMs } ms
 }
change-resumed = 노드 { $node } · 재개
change-link-cut = { $from } ⇢ { $to } · 끊김
change-link-healed = { $from } ⇢ { $to } · 복구
change-dropped = { $api } · { $from } ⇢ { $to } · 버림
change-connection-broken = { $client } ⇢ { $listener } · 연결 끊김{ $lostBehind ->
    [0] {""}
   *[other] , 뒤따르던 메시지 { $lostBehind }건 유실
 }
change-client-throttled = { $client } · { $api } · 노드 { $node }{ JOSA($node, "이/가") } { $throttleMs } ms 동안 스로틀링
change-connection-closed = 노드 { $node } ⇢ { $client } · 연결 닫음: { $reason ->
    [request-too-large] 너무 큰 요청
    [negative-request-size] 음수 크기
    [malformed-request] 잘못된 요청
    [idle] 유휴
   *[too-many-connections] 같은 주소의 연결 수 초과
}
change-delayed = { $api } · { $from } ⇢ { $to } · { $byMs } ms 지연
change-duplicated = { $api } · { $from } ⇢ { $to } · 복제
change-timed-out = { $api } · { $from } ⇢ { $to } · 시간 초과

## 프로듀서의 변화

change-partitioned = 프로듀서 { $producer } · { $hash ->
    [none] 파티션 { $partitions }개 중 { $partition } 선택
   *[other] 키 { $key } → { $partition } (murmur2 { $hash }, 파티션 { $partitions }개)
 }
change-batch-sent = 프로듀서 { $producer } · { $partition } · 레코드 { $records }개를 브로커 { $leader }에 전송
change-acknowledged = { $offset ->
    [-1] 프로듀서 { $producer } · { $partition } · ack 없이 전송 완료(acks=0)
   *[other] 프로듀서 { $producer } · { $partition } · 오프셋 { $offset } ack
 }
change-retried = 프로듀서 { $producer } · { $partition } · { $error } 에러로 재시도
change-batch-split = 프로듀서 { $producer } · { $partition } · 레코드 { $records }개의 배치를 { $parts }개로 나눔
change-produce-failed = 프로듀서 { $producer } · { $partition } · 포기: { $error }

## 컨슈머와 그룹의 변화

change-producer-id-assigned = 프로듀서 { $producer } · producer id { $producerId }, epoch { $epoch }
change-producer-transaction = 프로듀서 { $producer } · 트랜잭션 { $state }
change-transaction-call-timed-out = 프로듀서 { $producer } · { $call }() 시간 초과
change-records-aborted = { $partition } · 프로듀서 { $producer }의 보내지 않은 레코드 { $records }개 버림
change-producer-crashed = 프로듀서 { $producer } · 강제 종료
change-producer-closed = 프로듀서 { $producer } · 닫음
change-records-abandoned = { $partition } · close()로 버려진 프로듀서 { $producer }의 레코드 { $records }개
change-producer-started = 프로듀서 { $producer } · 시작
change-metadata-learned = { $client } · 메타데이터 갱신
change-coordinator-found = 컨슈머 { $consumer } · 그룹 { $group }의 코디네이터는 브로커 { $node }
change-group-state-changed = 그룹 { $group } · { $from } → { $to } (generation { $generation })
change-group-epoch-bumped = 그룹 { $group } · 하트비트 한 번으로 리밸런싱 완료, 상태는 그대로 { $state } (group epoch { $epoch })
change-assigned = 컨슈머 { $consumer } · 할당 { $partitions } (generation { $generation })
change-reconciled = 컨슈머 { $consumer } · 조정 완료 { $partitions } (멤버 epoch { $memberEpoch })
change-partitions-revoked = 컨슈머 { $consumer } · 회수 { $partitions }
change-partitions-lost = 컨슈머 { $consumer } · 상실 { $partitions }
change-partitions-assigned = 컨슈머 { $consumer } · 애플리케이션이 할당 { $partitions }
change-partitions-paused = 컨슈머 { $consumer } · 일시 정지 { $partitions }
change-partitions-resumed = 컨슈머 { $consumer } · 재개 { $partitions }
change-offset-reset-requested = 컨슈머 { $consumer } · { $partitions }에서 읽을 위치를 물어볼 예정
change-subscribed = 컨슈머 { $consumer } · 구독 { $topics }
change-subscribed-to-pattern = 컨슈머 { $consumer } · 구독 패턴 { $pattern } · 찾은 토픽 { $topics }
change-unsubscribed = 컨슈머 { $consumer } · 구독 해지
change-records-read = { SAME($from, $to) ->
    [true] 컨슈머 { $consumer } · { $partition } · 오프셋 { $from } 읽음
   *[false] 컨슈머 { $consumer } · { $partition } · 오프셋 { $from }부터 { $to }까지 읽음
 }
change-deserialization-failed = 컨슈머 { $consumer } · { $partition } · 오프셋 { $offset } 역직렬화 실패
change-records-processed = { SAME($from, $to) ->
    [true] 컨슈머 { $consumer } · { $partition } · 오프셋 { $from } 처리
   *[false] 컨슈머 { $consumer } · { $partition } · 오프셋 { $from }부터 { $to }까지 처리
 }
change-consumer-crashed = 컨슈머 { $consumer } · 강제 종료
change-fetch-session-closed = 컨슈머 { $consumer } · 노드 { $node }{ JOSA($node, "과/와") }의 fetch 세션 종료
change-consumer-closed = 컨슈머 { $consumer } · 닫힘
change-consumer-started = 컨슈머 { $consumer } · 시작
change-position-moved = 컨슈머 { $consumer } · { $partition } · position { $from ->
    [-1] 없음
   *[other] { $from }
 } → { $to }
change-offset-committed = { SAME($from, $to) ->
    [true] 그룹 { $group } · { $partition } · 오프셋 { $to } 다시 커밋
   *[false] 그룹 { $group } · { $partition } · 커밋 { $from ->
        [-1] 없음
       *[other] { $from }
     } → { $to ->
        [-1] 없음
       *[other] { $to }
     }
 }
change-commit-acknowledged = 컨슈머 { $consumer } · { $partition } · 오프셋 { $offset } 커밋 확인
change-member-left = 그룹 { $group } · { $member } { $expired ->
    [true] 세션 만료로 제외
   *[false] 탈퇴
 }
change-coordinator-loaded = 브로커 { $node } · __consumer_offsets-{ $partition } 그룹들의 코디네이터
change-transaction-state-changed = { $transactionalId } · { $from } → { $to }, producer id { $producerId }, epoch { $producerEpoch }
change-transaction-coordinator-loaded = 브로커 { $node } · __transaction_state-{ $partition } 트랜잭션들의 코디네이터

## 사람이 만든 변화

change-setting-changed = { $name } = { $value }
change-probe-answered = probe { $probe } · { $api } 응답
change-probe-disconnected = probe { $probe } · 노드 { $node }{ JOSA($node, "이/가") } 연결을 닫음

## 아직 일어나지 않은 이유

why-too-few-voters = { $voters ->
    [1] 하나뿐인 컨트롤러가 실행 중이 아닙니다. 다시 시작할 때까지 클러스터에 관한 결정을 내릴 노드가 없습니다.
   *[other] 메타데이터 로그에 리더가 없고 선출할 수도 없습니다. voter { $voters }개의 과반수는 { $majority }개인데, 실행 중인 voter는 { $running }뿐입니다.
 }
why-leader-not-active = 컨트롤러 { $node }{ JOSA($node, "은/는") } epoch { $epoch }의 리더이지만 아직 아무것도 결정하지 않습니다. 이 epoch의 첫 레코드(오프셋 { $offset })가 voter 과반수에 복제되었는지 아직 알지 못합니다.
why-votes-missing = { $isPreVote ->
    [true] 컨트롤러 { $node }{ JOSA($node, "이/가") } 선출될 가능성이 있는지 묻고 있습니다. 필요한 { $majority }표 가운데 자신의 표를 포함해 { $granted }표를 얻을 수 있습니다. epoch는 아직 { $epoch }입니다. 응답하지 않은 voter: { $silent }.
   *[false] 컨트롤러 { $node }{ JOSA($node, "은/는") } epoch { $epoch }에서 필요한 { $majority }표 가운데 자신의 표를 포함해 { $granted }표를 얻었습니다. 응답하지 않은 voter: { $silent }.
 }
why-election-lost = 컨트롤러 { $node }{ JOSA($node, "은/는") } epoch { $epoch }에서 { $granted }표를 얻었고, 반대한 voter가 많아 { $majority }표를 얻을 수 없게 되었습니다. 선출 제한 시간이 끝나기를 기다렸다가 다시 묻습니다.
why-election-timeout-runs = 아직 표를 요청한 voter가 없습니다. 선출 제한 시간이 가장 먼저 끝나는 것은 컨트롤러 { $node }이며, { $leftMs } ms 남았습니다.
why-fetch-timeout-runs = 아직 표를 요청한 voter가 없습니다. 컨트롤러 { $node }{ JOSA($node, "은/는") } 여전히 컨트롤러 { $leader }{ JOSA($leader, "을/를") } 리더로 알고 있습니다. 그 전에 fetch에 성공하지 못하면 { $leftMs } ms 뒤에 voter 가운데 가장 먼저 이 리더를 포기합니다.
why-vote-given-to-another = { SAME($voter, $voted) ->
    [true] 컨트롤러 { $voter }{ JOSA($voter, "은/는") } epoch { $epoch }에서 자신에게 투표했습니다. voter는 한 epoch에 한 번만 투표하므로 컨트롤러 { $candidate }{ JOSA($candidate, "은/는") } 이 표를 얻지 못합니다.
   *[false] 컨트롤러 { $voter }{ JOSA($voter, "은/는") } epoch { $epoch }에서 컨트롤러 { $voted }에게 투표했습니다. voter는 한 epoch에 한 번만 투표하므로 컨트롤러 { $candidate }{ JOSA($candidate, "은/는") } 이 표를 얻지 못합니다.
 }
why-vote-refused-for-log = 컨트롤러 { $voter }의 메타데이터 로그(마지막 epoch { $epoch }, 끝 { $end })가 컨트롤러 { $candidate }의 로그(마지막 epoch { $candidateEpoch }, 끝 { $candidateEnd })보다 앞서 있습니다. 이 voter에만 있는 레코드가 커밋된 것일 수 있으므로 그 후보를 리더로 뽑지 않습니다.
why-voter-has-leader = 컨트롤러 { $voter }{ JOSA($voter, "은/는") } 컨트롤러 { $leader }{ JOSA($leader, "을/를") } 따르며 fetch에 성공했고 아직 이 리더를 포기하지 않았습니다. 그동안에는 컨트롤러 { $candidate }에게 투표하지 않습니다.
why-voter-versions-awaited = 컨트롤러 { $voter }{ JOSA($voter, "을/를") } voter로 추가하는 중입니다. 리더인 컨트롤러 { $node }{ JOSA($node, "이/가") } 지원하는 버전을 물었고, 응답을 최대 controller.quorum.request.timeout.ms 동안 기다립니다.
why-voters-not-committed = 리더인 컨트롤러 { $node }{ JOSA($node, "이/가") } 앞으로의 voter를 적은 레코드를 오프셋 { $offset }에 기록했습니다. 이 레코드를 가진 것으로 알려진 voter: { $having }. 새 voter { $voters }개 중 { $majority }개가 가져야 커밋되고, 그 전에는 다른 voter 변경을 시작하지 않습니다.
why-broker-fenced = 브로커 { $node }{ JOSA($node, "은/는") } fenced 상태입니다. { $reason ->
    [down] 프로세스가 다운되어 있습니다.
    [paused] 프로세스가 일시 정지되어 하트비트를 보내지 않습니다.
    [stopping] 종료하는 중입니다.
    [unregistered] 프로세스가 시작되었지만 아직 등록되지 않았습니다.
    [behind] 메타데이터 로그의 오프셋 { $registeredAt }에 있는 자신의 등록을 아직 모릅니다. 거기까지 적용하면 unfenced 상태가 될 수 있습니다.
   *[no-heartbeat] 자신의 등록을 알고 있으므로, 다음 하트비트가 컨트롤러에 닿으면 unfenced 상태가 됩니다.
 }
why-nobody-may-lead = { $partition }에 리더가 없습니다. 손실 없이 리더가 될 수 있는 것은 ISR({ $isr })과 ELR({ $elr })의 멤버뿐인데, 그중 서비스 중인 브로커가 없습니다. 서비스 중인 다른 replica: { $inService }. 이들은 unclean 선출로만 리더가 될 수 있습니다.
why-high-watermark-waits = { $itsEnd ->
    [-1] 리더의 로그는 { $logEnd }에서 끝나지만 { $partition }의 high watermark는 { $highWatermark }에 머뭅니다. ISR({ $isr })과 곧 들어올 replica가 모두 가져야 올릴 수 있는데, 리더는 브로커 { $waitingFor }{ JOSA($waitingFor, "이/가") } 어디까지 갖고 있는지 아직 듣지 못했습니다.
   *[other] 리더의 로그는 { $logEnd }에서 끝나지만 { $partition }의 high watermark는 { $highWatermark }에 머뭅니다. ISR({ $isr })과 곧 들어올 replica가 모두 가져야 올릴 수 있는데, 리더가 알기로 브로커 { $waitingFor }의 LEO는 { $itsEnd }입니다.
 }
why-below-min-isr = { $partition }의 ISR은 { $isr }이고, min.insync.replicas({ $minIsr })보다 작습니다. 그동안에는 프로듀서의 acks와 상관없이 high watermark가 움직이지 않습니다.
why-follower-learns-later = 리더의 { $partition } high watermark는 { $leaderHighWatermark }이지만 브로커 { $node }{ JOSA($node, "은/는") } 아직 { $highWatermark }{ JOSA($highWatermark, "으로/로") } 알고 있습니다. 앞으로 보낼 fetch의 응답에서 새 값을 알게 됩니다.
why-consumer-threw = 컨슈머 { $consumer }의 마지막 poll이 예외를 던졌습니다. { $api } 요청에 { $error } 에러를 받았기 때문입니다. 애플리케이션이 다시 poll할 때까지 아무것도 fetch하지 않습니다.
why-consumer-fatal = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 스스로 그룹 { $group }의 멤버가 아니라고 봅니다. 하트비트에 복구할 수 없는 에러를 받아 상태가 FATAL이 됐습니다. 컨슈머 프로세스를 새로 시작해야 다시 참여합니다.
why-produce-waits = 프로듀서는 아직 응답을 받지 못했습니다. acks=all이므로 { $partition }의 high watermark가 { $needs }에 이르러야 하는데 지금은 { $highWatermark }입니다.
why-consumer-waits = 컨슈머는 { $partition }의 오프셋 { $position }에 있습니다. 리더의 로그는 { $logEnd }까지 있지만, { $highWatermark ->
    [0] 아직 커밋된 것이 없고, 커밋된 레코드만 읽을 수 있습니다.
   *[other] 커밋되어 읽을 수 있는 것은 high watermark { $highWatermark } 앞까지입니다.
 }
