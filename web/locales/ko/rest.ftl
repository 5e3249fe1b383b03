# 첫걸음에는 필요 없는 글. 명령이 아무 일도 하지 못한 이유, 사람이 쓴 것의 잘못, 불변 조건, 콘솔의 말, 설정과 메트릭의 뜻, 패널 대부분의 글. 페이지가 뜬 뒤에 가져옵니다.
# 인수는 engine.ftl과 같습니다.

## 레슨 파일에서 잘못된 것

lesson-error-not-toml = TOML 형식이 아닙니다: { $reason }
lesson-error-missing-field = { $field } 항목이 없습니다.
lesson-error-unknown-field = 여기에는 { $field } 항목이 없습니다. 쓸 수 있는 항목: { $expected }
lesson-error-wrong-type = { $found ->
    [text] 문자열이
    [number] 숫자가
    [true-or-false] true나 false가
    [list] 목록이
    [table] 표가
   *[other] 다른 값이
 } 있지만 { $expected ->
    [text] 문자열이
    [number] 숫자가
    [true-or-false] true나 false가
    [list] 목록이
    [table] 표가
   *[other] 다른 값이
 } 와야 합니다.
lesson-error-unknown-value = { $found } 값은 여기서 쓸 수 없습니다. 쓸 수 있는 값: { $expected }
lesson-error-out-of-range = { $found } 값은 범위({ $expected })를 벗어납니다.
lesson-error-unreadable = { $found } 값을 읽을 수 없습니다: { $reason }
lesson-error-id-twice = id { $id }{ JOSA($id, "이/가") } 두 번 나옵니다.
lesson-error-no-such-id = id가 { $id }인 것이 없습니다. 쓸 수 있는 id: { $expected }
lesson-error-empty = { $what }{ JOSA($what, "이/가") } 비어 있습니다.
lesson-error-no-text = 본문에 { $anchor } 앵커가 달린 제목이 없습니다.
lesson-error-text-for-nothing = lesson.toml에는 { $anchor }에 해당하는 것이 없습니다.
lesson-error-no-anchor = 제목 “{ $heading }” 끝에 앵커가 없습니다.
lesson-error-empty-text = { $anchor }에 내용이 없습니다.
lesson-error-not-its-folder = 레슨 id는 { $id }인데 폴더 이름은 { $folder }입니다.
lesson-error-unknown-section = index.toml의 어느 문서에도 { $section } 절이 없습니다.
lesson-error-not-in-track = index.toml의 { $track } 트랙에 { $id }{ JOSA($id, "이/가") } 없습니다.
lesson-error-mutually-exclusive = { $fields } 가운데 하나만 쓸 수 있습니다.

invariant-one-leader-per-epoch = 한 leader epoch에서 한 파티션의 리더인 브로커는 최대 하나입니다.
invariant-high-watermark-advances = 한 leader epoch 안에서 리더의 high watermark는 뒤로 가지 않습니다.
invariant-committed-is-kept = 커밋된 레코드는 사라지지 않습니다. unclean 선출이 아니라면, 누가 선출되든 그 레코드를 갖고 있습니다.
invariant-logs-are-equal = high watermark 아래에서는 모든 replica의 레코드가 일치합니다.
invariant-follower-stays-behind = 리더가 자기 epoch의 시작까지 커밋한 뒤로, 팔로워의 high watermark는 리더보다 앞서지 않습니다.
invariant-reads-are-committed = 컨슈머는 커밋된 레코드만 받습니다.
invariant-offsets-are-dense = 로그에서 각 배치는 빈틈없이 앞 배치에 이어지고, leader epoch는 뒤로 가지 않습니다.
invariant-acknowledged-is-committed = acks=all이면 프로듀서는 high watermark 아래에 있는 레코드에 대해서만 ack를 받습니다.
invariant-one-owner-per-generation = 그룹의 한 generation에서 파티션은 한 멤버에게만 할당됩니다.
invariant-committed-offset-is-below = 컨슈머는 seek하지 않는 한 high watermark보다 높은 오프셋을 커밋하지 않습니다.
invariant-isr-within-replicas = ISR과 ELR에는 그 파티션의 replica만 들어 있고, 양쪽에 동시에 들어 있는 replica는 없습니다.
invariant-leader-is-in-sync = 파티션의 리더는 ISR에 들어 있습니다.
invariant-metadata-offset-advances = 실행 중인 프로세스는 메타데이터 로그에서 뒤로 가지 않습니다.
invariant-broker-epoch-advances = 브로커의 broker epoch는 뒤로 가지 않습니다.
invariant-partition-epochs-advance = 프로세스가 아는 leader epoch와 partition epoch는 뒤로 가지 않습니다.
invariant-sequences-follow = 멱등 프로듀서의 배치는 바로 앞 배치에 이어집니다. 두 번 저장되는 것도, 중간에 빠지는 것도 없습니다.
invariant-sizes-add-up = 로그 세그먼트의 크기는 그 안에 있는 배치 크기의 합과 같습니다.
invariant-one-leader-per-quorum-epoch = 한 epoch에서 메타데이터 로그 쿼럼의 리더는 최대 하나입니다.
invariant-quorum-epoch-advances = 메타데이터 로그의 voter는 재시작해도 이전 epoch로 돌아가지 않습니다.
invariant-one-vote-per-quorum-epoch = 메타데이터 로그의 voter는 도중에 재시작하더라도 한 epoch에서 한 후보에게만 투표합니다.
invariant-quorum-high-watermark-advances = 메타데이터 로그의 high watermark는 실행 중인 voter에서도, 리더가 바뀔 때도 뒤로 가지 않습니다.
invariant-majority-has-committed = 메타데이터 로그의 high watermark 아래에 있는 것은 과반수의 voter가 갖고 있습니다.
invariant-committed-metadata-is-kept = 커밋된 메타데이터는 사라지지 않습니다. high watermark 아래에서는 모든 voter의 레코드가 같고, 선출된 리더는 그 레코드를 모두 갖고 있습니다.
invariant-applied-metadata-is-committed = 브로커는 커밋된 메타데이터만 적용합니다.

violation-one-leader-per-epoch = 브로커 { $first }{ JOSA($first, "이/가") } 리더였던 leader epoch { $leaderEpoch }에서 브로커 { $second }도 { $partition }의 리더가 되었습니다.
violation-high-watermark-advances = 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 리더인데 high watermark가 { $from }에서 { $to }{ JOSA($to, "으로/로") } 뒤로 갔습니다.
violation-committed-is-kept = 브로커 { $node }{ JOSA($node, "이/가") } { $partition }의 리더로 선출되었지만 커밋된 오프셋 { $offset }의 레코드가 없습니다. 레코드가 유실되었습니다.
violation-logs-are-equal = 브로커 { $node }{ JOSA($node, "은/는") } { $partition }의 오프셋 { $offset }에 커밋된 것과 다른 레코드를 갖고 있습니다.
violation-follower-stays-behind = { $partition }에서 브로커 { $node }의 high watermark는 { $highWatermark }인데 리더인 브로커 { $leader }{ JOSA($leader, "은/는") } { $leaders }입니다.
violation-reads-are-committed = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } { $partition }의 오프셋 { $offset }{ JOSA($offset, "을/를") } 받았지만, 커밋된 것은 { $committed } 앞까지뿐입니다.
violation-offsets-are-dense = 브로커 { $node }의 { $partition }에서 오프셋 { $offset }의 배치가 앞 배치에 이어지지 않습니다.
violation-acknowledged-is-committed = 프로듀서 { $producer }{ JOSA($producer, "이/가") } { $partition }의 오프셋 { $offset }에 대해 acks=all로 ack를 받았지만, 커밋된 것은 { $committed } 앞까지뿐입니다.
violation-one-owner-per-generation = 그룹 { $group }의 generation { $generation }에서 { $partition } 파티션이 컨슈머 { $first }{ JOSA($first, "과/와") } 컨슈머 { $second }에 함께 할당되었습니다.
violation-committed-offset-is-below = 컨슈머 { $consumer }{ JOSA($consumer, "이/가") } { $partition }의 오프셋 { $offset }{ JOSA($offset, "을/를") } 커밋했지만, high watermark는 { $committed }{ JOSA($committed, "을/를") } 넘은 적이 없습니다.
violation-isr-within-replicas = 메타데이터 로그에 따르면 { $partition }의 ISR은 { $isr }인데 replica는 { $replicas }입니다.
violation-leader-is-in-sync = 브로커 { $leader }{ JOSA($leader, "이/가") } { $partition }의 리더인데 ISR은 { $isr }입니다.
violation-metadata-offset-advances = 노드 { $node }{ JOSA($node, "은/는") } 메타데이터 로그를 오프셋 { $from }까지 적용했는데 { $to }{ JOSA($to, "으로/로") } 뒤로 갔습니다.
violation-broker-epoch-advances = broker epoch가 { $from }이던 브로커 { $broker }{ JOSA($broker, "이/가") } broker epoch { $to }{ JOSA($to, "으로/로") } 등록되었습니다.
violation-partition-epochs-advance = 노드 { $node }에서 { $partition }의 epoch가 뒤로 갔습니다. leader epoch { $leaderEpochFrom } → { $leaderEpoch }, partition epoch { $partitionEpochFrom } → { $partitionEpoch }.
violation-sequences-follow = 브로커 { $node }의 { $partition }에서 producer id { $producerId }의 배치가 sequence { $sequence }에서 시작합니다. { $expected }{ JOSA($expected, "이/가") } 올 차례였습니다.
violation-sizes-add-up = 브로커 { $node }에서 { $partition }의 세그먼트 { $segment } 크기는 { $size }바이트인데 배치의 합은 { $sum }바이트입니다.
violation-one-leader-per-quorum-epoch = 컨트롤러 { $first }{ JOSA($first, "이/가") } 리더였던 쿼럼 epoch { $epoch }에서 컨트롤러 { $second }도 리더가 되었습니다.
violation-quorum-epoch-advances = voter { $node }{ JOSA($node, "이/가") } 쿼럼 epoch { $from }에서 { $to }{ JOSA($to, "으로/로") } 뒤로 갔습니다.
violation-one-vote-per-quorum-epoch = 쿼럼 epoch { $epoch }에서 voter { $node }{ JOSA($node, "이/가") } { $first }에게 투표한 뒤 { $second }에게도 투표했습니다.
violation-quorum-high-watermark-advances = voter { $node }에서 메타데이터 로그의 high watermark가 { $from }에서 { $to }{ JOSA($to, "으로/로") } 뒤로 갔습니다.
violation-majority-has-committed = voter { $node }{ JOSA($node, "은/는") } 메타데이터 로그가 { $highWatermark }까지 커밋되었다고 보지만, voter { $voters }개 중 { $having }개만 그만큼 갖고 있습니다.
violation-committed-metadata-is-kept = voter { $node }에 오프셋 { $offset }의 커밋된 메타데이터가 없습니다. 메타데이터가 유실되었습니다.
violation-applied-metadata-is-committed = 브로커 { $node }{ JOSA($node, "이/가") } 메타데이터 로그를 { $offset }까지 적용했지만, 커밋된 것은 { $committed } 앞까지뿐입니다.

# 설정이 아무 영향도 주지 않는 이유
unmodelled-threads = 엔진은 이 일을 즉시 끝내므로 스레드 풀의 크기를 바꿔도 달라지는 것이 없습니다.
unmodelled-connections = 엔진에는 소켓이 없으므로 소켓 버퍼와, 주소별 연결 수가 아닌 연결 제한은 영향을 주지 않습니다.
unmodelled-codecs = 엔진에는 코덱이 없습니다. 압축된 레코드는 코덱이나 압축 수준과 관계없이 프로듀서의 simulated.compressed.percent만큼의 크기가 됩니다.
unmodelled-files = 엔진에는 실제 파일이 없으므로 사전 할당, 버퍼, 로그 디렉터리는 영향을 주지 않습니다.
unmodelled-quotas = 복제 스로틀링과 클라이언트 쿼터 콜백은 모델링하지 않습니다.
unmodelled-tiered-storage = 계층형 스토리지는 모델링하지 않습니다.
unmodelled-security = 암호화와 인증은 모델링하지 않습니다.
unmodelled-metrics = 메트릭 리포터와 클라이언트 텔레메트리는 모델링하지 않습니다.
unmodelled-new-groups = share, streams 그룹 프로토콜은 아직 모델링하지 않습니다.
unmodelled-transactions = 엔진은 트랜잭션 코디네이터의 로그를 즉시 읽어 들이므로 이 설정은 영향을 주지 않습니다.
unmodelled-unused-by-kafka = Kafka 4.3.1에는 이제 없는 설정입니다.
unmodelled-not-built = 엔진은 아직 이 설정에 따라 동작하지 않습니다.

# 설정 파일에서 잘못된 것과 고치는 방법
mistake-no-files = 아직 노드가 없습니다. 노드마다 server.properties를 붙여 넣거나 파일을 끌어다 놓으십시오.
mistake-too-large = 너무 큽니다. 읽을 수 있는 한도는 { $limit } { $what }입니다.
mistake-malformed-escape = { $name }에 16진수 네 자리가 따르지 않는 \u가 있습니다. Java는 파일 전체를 거절합니다. 네 자리를 쓰거나 역슬래시를 두 번 쓰십시오.
mistake-byte-order-mark = 파일이 byte order mark로 시작하며, Kafka는 이것을 { $name } 이름의 일부로 읽습니다. byte order mark가 없는 UTF-8로 저장하십시오.
mistake-broken-placeholder = { $text }{ JOSA($text, "은/는") } 무엇으로도 채울 수 없는 자리 표시자입니다. 값을 직접 쓰십시오.
mistake-unfilled-placeholder = { $text }{ JOSA($text, "이/가") } 채워지지 않았습니다. Kafka는 적힌 그대로 읽습니다. 값을 직접 쓰십시오.
mistake-comment-behind-value = “{ $comment }”도 { $name } 값의 일부가 됩니다. 설정 파일의 주석은 별도의 줄에만 쓸 수 있습니다. 줄을 나누십시오.
mistake-missing-setting = { $name } 설정이 없으며 기본값도 없습니다. 한 줄을 추가하십시오.
mistake-zookeeper-mode = ZooKeeper를 쓰는 클러스터의 파일입니다. Kafka 4에는 ZooKeeper가 없습니다. process.roles, node.id, controller.listener.names, controller.quorum.voters를 설정하십시오.
mistake-invalid-value = { $name } 설정에는 “{ $value }” 값을 쓸 수 없습니다. 쓸 수 있는 값은 Kafka의 메시지에 있습니다.
mistake-beyond-engine = Kafka에서는 { $name } 설정에 { $value } 값을 쓸 수 있지만 이 엔진에서는 쓸 수 없습니다. 쓸 수 있는 값: { $expected }
mistake-settings-disagree = { $name } 설정이 다른 설정과 맞지 않습니다. 까닭은 Kafka의 메시지에 있습니다.
mistake-node-id-and-broker-id = node.id는 { $nodeId }, broker.id는 { $brokerId }입니다. broker.id를 지우거나 두 값을 같게 하십시오.
mistake-no-quorum = 노드가 쿼럼을 모릅니다. controller.quorum.voters를 설정하거나, 동적 쿼럼이면 controller.quorum.bootstrap.servers를 설정하십시오.
mistake-voter-syntax = “{ $entry }” 항목은 voter가 아닙니다. 항목은 id@host:port이며 쉼표로 구분합니다.
mistake-bootstrap-server-syntax = “{ $entry }” 항목은 주소가 아닙니다. 항목은 host:port이며 쉼표로 구분합니다.
mistake-voter-twice = voter { $voter }{ JOSA($voter, "이/가") } 두 번 적혀 있습니다. Kafka는 시작되지만 리더를 끝내 선출하지 못합니다. 하나만 남기십시오.
mistake-voters-at-one-address = voter { $voter }{ JOSA($voter, "과/와") } { $other }의 주소가 { $address }{ JOSA($address, "으로/로") } 같습니다. Kafka는 그대로 시작되어 쿼럼을 기다립니다. 하나를 고치십시오.
mistake-controller-not-among-voters = 노드 { $node }{ JOSA($node, "은/는") } 컨트롤러이지만 voter는 { $voters }입니다. 모든 노드의 controller.quorum.voters에 추가하십시오.
mistake-broker-among-voters = 노드 { $node }{ JOSA($node, "은/는") } voter이지만 process.roles에 컨트롤러 역할이 없습니다. 역할을 추가하거나 voter 목록에서 빼십시오.
mistake-listener-syntax = { $name }의 “{ $entry }” 항목은 리스너가 아닙니다. 항목은 NAME://host:port입니다.
mistake-listener-without-protocol = 리스너 { $listener }의 보안 프로토콜이 없습니다. listener.security.protocol.map에 { $listener }:PLAINTEXT 같은 항목을 추가하십시오.
mistake-unknown-protocol = { $protocol } 보안 프로토콜은 없습니다. PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL 가운데 하나를 쓰십시오.
mistake-protocol-map-syntax = “{ $entry }” 항목은 listener.security.protocol.map에 쓸 수 없습니다. 항목은 NAME:PROTOCOL입니다.
mistake-listener-twice = 리스너 { $listener }{ JOSA($listener, "이/가") } 두 번 있습니다. 하나의 이름을 바꾸십시오.
mistake-listeners-at-one-port = 이 노드의 리스너 둘이 포트 { $port }{ JOSA($port, "을/를") } 함께 씁니다. 하나의 포트를 바꾸십시오.
mistake-no-controller-listener = 컨트롤러에 { $names } 리스너가 없습니다. listeners에는 { $listeners }만 있습니다. 두 설정에 같은 이름을 쓰십시오.
mistake-unknown-controller-listener = controller.listener.names의 { $name } 리스너가 listeners에 없습니다. listeners에 있는 것: { $listeners }. 두 설정에 같은 이름을 쓰십시오.
mistake-broker-with-controller-listener = 브로커 역할만 하는 노드가 컨트롤러의 리스너 { $listener }{ JOSA($listener, "을/를") } 엽니다. listeners에서 빼십시오.
mistake-controller-with-broker-listener = 컨트롤러 역할만 하는 노드가 controller.listener.names에 없는 리스너 { $listener }{ JOSA($listener, "을/를") } 엽니다. listeners에서 빼거나 브로커 역할을 추가하십시오.
mistake-controller-listener-without-protocol = 브로커가 { $listener } 리스너의 보안 프로토콜을 모릅니다. listener.security.protocol.map에 추가하십시오.
mistake-no-broker-listener = 브로커에 클라이언트가 연결할 리스너가 없습니다. 모두 controller.listener.names에 있습니다. listeners에 PLAINTEXT://host:9092를 추가하십시오.
mistake-unknown-inter-broker-listener = 브로커끼리 쓸 리스너는 { $listener }인데 알려지는 리스너는 { $listeners }뿐입니다. inter.broker.listener.name에 그 가운데 하나를 쓰십시오.
mistake-inter-broker-twice = inter.broker.listener.name, security.inter.broker.protocol 설정이 모두 있습니다. 하나만 남기십시오.
mistake-unknown-advertised-listener = advertised.listeners의 { $listener } 리스너가 listeners에 없습니다. listeners에 있는 것: { $listeners }. 두 설정에 같은 이름을 쓰십시오.
mistake-advertised-everywhere = { $listener } 리스너가 아무도 연결할 수 없는 0.0.0.0을 알립니다. 클라이언트가 쓰는 호스트 이름을 쓰십시오.
mistake-node-twice = node.id { $node }{ JOSA($node, "은/는") } { $file }에 이미 있습니다. 노드마다 다른 값을 쓰십시오.
mistake-voters-differ = voter가 여기서는 { $here }, { $file }에서는 { $there }입니다. 모든 노드에 같은 목록을 쓰십시오.
mistake-raft-differs = raft 설정이 여기서는 { $here }, { $file }에서는 { $there }입니다. 모든 컨트롤러에 같은 프로토콜을 쓰십시오.
mistake-voter-address-differs = voter { $voter }의 주소가 여기서는 { $here }, { $file }에서는 { $there }입니다. 모든 노드에 같은 목록을 쓰십시오.
mistake-voter-without-file = voter { $voter }의 파일이 없습니다. 그 노드의 파일을 추가하거나 모든 노드의 voter 목록에서 빼십시오.
mistake-voter-port-differs = controller.quorum.voters에서는 노드 { $voter }의 포트가 { $port }인데 그 컨트롤러는 { $listens }에서 기다립니다. Kafka는 시작되지만 다른 노드가 연결하지 못합니다. 두 포트를 같게 하십시오.
mistake-port-clash = { $address }{ JOSA($address, "은/는") } { $file }에서 이미 씁니다. 한쪽의 포트나 호스트를 바꾸십시오.
mistake-no-broker = 브로커인 노드가 없습니다. 한 노드의 process.roles에 브로커 역할을 추가하거나 파일을 추가하십시오.
mistake-no-controller = 컨트롤러인 노드가 없습니다. 컨트롤러의 파일을 추가하거나 process.roles에 그 역할을 추가하십시오.
mistake-out-of-range = { $name } 값이 { $value }입니다. 여기서는 { $min } 이상 { $max } 이하만 쓸 수 있습니다.
mistake-too-few-brokers = { $name } 설정은 replica { $wanted }개를 요구하지만 브로커는 { $brokers }개입니다. Kafka는 시작되지만 토픽을 만들지 못합니다. 값을 줄이거나 브로커를 추가하십시오.
mistake-unformatted-directory = { $directory }{ JOSA($directory, "은/는") } 이 노드용으로 포맷되지 않았습니다. 이 파일로 kafka-storage format을 실행하십시오.
mistake-foreign-cluster = { $directory }{ JOSA($directory, "은/는") } 클러스터 { $found }에 속하고 나머지는 { $expected }에 속합니다. 모든 노드를 같은 --cluster-id로 포맷하십시오.
mistake-foreign-node = { $directory }{ JOSA($directory, "은/는") } 노드 { $expected }용이 아니라 노드 { $found }용으로 포맷되었습니다. node.id를 고치거나 빈 디렉터리를 포맷하십시오.

# 설정 파일에서 허용되지만 좋지 않거나 영향이 없는 것
caution-duplicate-key = { $name } 설정이 { $last }번째 줄에 다시 있으며, 그 값이 쓰입니다.
caution-unknown-setting = Kafka에는 { $name } 설정이 없어 무시됩니다. { $meant }의 오타일 수 있습니다.
caution-custom-setting = Kafka에는 { $name } 설정이 없습니다. 읽는다면 플러그인뿐입니다.
caution-no-effect-here = { $name } 설정은 보관되지만 여기서는 아무것도 바꾸지 않습니다.
caution-not-latin = Kafka는 파일을 ISO 8859-1로 읽으므로 { $name }의 글자가 깨집니다. \uXXXX로 쓰십시오.
caution-combined-roles = 브로커와 컨트롤러가 프로세스 { $nodes }개를 함께 씁니다. 시험용으로는 좋지만, 운영 환경에서는 바쁜 브로커가 쿼럼을 느리게 하고 둘이 함께 멈춥니다.
caution-even-voters = voter { $voters }개가 견디는 장애는 { $tolerated }개로, voter가 하나 적을 때와 같습니다. 홀수로 하십시오.
caution-dynamic-quorum = controller.quorum.bootstrap.servers를 쓰면 디렉터리를 포맷할 때 정한 voter가 쓰이는데, 파일에는 그 내용이 없습니다. 여기서는 모든 컨트롤러({ $voters })를 --initial-controllers로 지정한 것으로 봅니다. 다르게 시작하려면 각 파일에 한 줄을 추가합니다. 예를 들어 initial.controllers=1은 노드 1을 --standalone 옵션으로 포맷한 것과 같고, 나머지는 추가될 때까지 observer로 남습니다.
caution-bootstrap-servers-unused = controller.quorum.voters가 있으면 controller.quorum.bootstrap.servers는 쓰이지 않습니다.
caution-replication-factor-one = { $name } 값이 1입니다. 브로커 하나를 잃으면 그 데이터도 잃습니다.
caution-min-isr-is-factor = { $name } 값이 { $factorName } 값({ $factor })과 같습니다. replica 하나만 ISR에서 빠져도 acks=all 요청이 거절됩니다. 하나 작게 하십시오.
caution-default-needs-brokers = { $name } 기본값은 { $wanted }인데 브로커는 { $brokers }개여서 토픽을 만들 수 없습니다. { $brokers }{ JOSA($brokers, "으로/로") } 설정하십시오.
caution-unclean-election = ISR 밖의 replica가 리더가 될 수 있으며, 그때 ack를 받은 레코드도 잃을 수 있습니다.
caution-temporary-directory = { $directory }{ JOSA($directory, "은/는") } 머신을 다시 시작하면 비워집니다. 지워지지 않는 디렉터리를 쓰십시오.
caution-log-dir-unused = log.dirs가 있으면 log.dir는 쓰이지 않습니다.
caution-advertised-loopback = { $address }{ JOSA($address, "이/가") } 클라이언트와 다른 브로커에 알려집니다. 다른 머신에서는 그 머신 자신을 가리킵니다.

# 콘솔이 직접 하는 말
console-tools = 도구: { $tools }. Tab 키는 낱말을 완성하고, 위아래 화살표는 앞서 쓴 줄을 불러오며, clear 명령은 콘솔을 비웁니다. 도구 이름만 쓰면 옵션이, cat server-1.properties처럼 쓰면 파일 내용이 나옵니다.
console-options = { $tool } 옵션: { $options }
console-unknown-tool = { $tool } 도구는 여기에 없습니다. help 명령을 쓰면 있는 도구가 나옵니다.
console-open-quote = 따옴표가 닫히지 않았습니다.
console-wants-json = 여기에는 파일이 없습니다. { $option } 뒤에 JSON 내용을 작은따옴표로 묶어 직접 쓰십시오.

## 설정. 이름은 실제 이름의 점을 하이픈으로 바꾼 것입니다.

setting-replica-lag-time-max-ms = 팔로워가 이 시간 넘게 뒤처지면 리더가 ISR에서 빼려고 합니다.
setting-replica-fetch-wait-max-ms = 팔로워의 fetch가 데이터를 기다리는 최대 시간입니다.
setting-replica-fetch-min-bytes = 팔로워의 fetch가 이만큼 모일 때까지 기다립니다.
setting-replica-fetch-max-bytes = 팔로워의 fetch 하나에 담기는 한 파티션의 최대 크기입니다.
setting-replica-fetch-response-max-bytes = 팔로워의 fetch 응답 하나의 최대 크기입니다.
setting-replica-fetch-backoff-ms = fetch에 실패한 팔로워가 다시 시도하기까지 기다리는 시간입니다.
setting-replica-socket-timeout-ms = 팔로워가 리더의 응답을 기다리는 시간입니다.
setting-max-incremental-fetch-session-cache-slots = 브로커가 유지하는 fetch 세션의 수이며, 8개 샤드에 나뉩니다.
setting-replica-high-watermark-checkpoint-interval-ms = high watermark를 디스크에 적는 주기입니다.
setting-broker-session-timeout-ms = 브로커가 이 시간 동안 소식이 없으면 컨트롤러가 fence합니다.
setting-broker-heartbeat-interval-ms = 브로커가 살아 있음을 컨트롤러에 알리는 주기입니다.
setting-initial-broker-registration-timeout-ms = 시작한 브로커가 컨트롤러에 등록하려고 얼마나 오래 시도한 뒤 프로세스를 종료하는지 정합니다.
setting-controlled-shutdown-enable = 브로커가 끝나기 전에 맡은 리더를 다른 브로커로 넘기는지 정합니다.
setting-min-insync-replicas = acks=all 쓰기에 필요한 in-sync replica의 최소 수입니다. 토픽 설정이 있으면 그것이 우선합니다.
setting-default-replication-factor = 따로 정하지 않은 토픽이 갖는 replica 수입니다.
setting-num-partitions = 따로 정하지 않은 토픽이 갖는 파티션 수입니다.
setting-unclean-leader-election-enable = 다른 후보가 없을 때 ISR 밖의 replica도 리더가 될 수 있는지 정합니다.
setting-unclean-leader-election-interval-ms = 컨트롤러가 unclean 선출이 필요한 파티션을 찾는 주기입니다.
setting-auto-leader-rebalance-enable = 컨트롤러가 리더 자리를 선호 리더에게 되돌려 주는지 정합니다.
setting-leader-imbalance-check-interval-seconds = 리더가 고르게 놓였는지 살펴보는 주기입니다(초).
setting-leader-imbalance-per-broker-percentage = 옛 설정(ZooKeeper 모드): 브로커별 리더 불균형의 허용치(%)입니다. Kafka 4.3.1에는 없습니다.
setting-offsets-topic-num-partitions = __consumer_offsets의 파티션 수입니다.
setting-offsets-topic-replication-factor = __consumer_offsets의 replica 수입니다.
setting-offsets-topic-segment-bytes = __consumer_offsets의 세그먼트 크기입니다(바이트). 토픽이 생성될 때 적용됩니다.
setting-transaction-state-log-num-partitions = __transaction_state의 파티션 수입니다.
setting-transaction-state-log-replication-factor = __transaction_state의 replica 수입니다.
setting-transaction-state-log-min-isr = __transaction_state의 min.insync.replicas입니다.
setting-transaction-state-log-segment-bytes = __transaction_state의 segment.bytes입니다.
setting-transaction-max-timeout-ms = 프로듀서가 요청할 수 있는 가장 긴 transaction.timeout.ms입니다(밀리초).
setting-transaction-abort-timed-out-transaction-cleanup-interval-ms = 코디네이터가 너무 오래 열려 있는 트랜잭션을 확인하는 주기입니다(밀리초).
setting-transaction-remove-expired-transaction-cleanup-interval-ms = 코디네이터가 쓰이지 않는 transactional id를 확인하는 주기입니다(밀리초).
setting-producer-id-expiration-ms = 아무것도 쓰지 않는 producer id를 파티션이 기억하는 시간입니다(밀리초).
setting-producer-id-expiration-check-interval-ms = 잊을 producer id가 있는지 로그가 살펴보는 주기입니다(밀리초).
setting-transactional-id-expiration-ms = 코디네이터가 쓰이지 않는 transactional id를 기억하는 시간입니다(밀리초).
setting-transaction-two-phase-commit-enable = Kafka 밖의 코디네이터가 트랜잭션을 끝낼 수 있는지입니다(two-phase commit).
setting-transaction-partition-verification-enable = 리더가 트랜잭션의 첫 배치를 추가하기 전에 트랜잭션 코디네이터에게 확인하는지입니다.
setting-add-partitions-to-txn-retry-backoff-ms = 앞선 트랜잭션이 끝나는 동안 리더가 트랜잭션 코디네이터에게 다시 묻기까지 기다리는 시간입니다(밀리초).
setting-add-partitions-to-txn-retry-backoff-max-ms = 리더가 프로듀서에게 응답하기 전에 다시 묻는 최대 시간입니다(밀리초).
setting-offsets-commit-timeout-ms = 그룹 코디네이터가 추가한 것이 복제되기를 기다리는 시간입니다.
setting-offsets-retention-minutes = 쓰이지 않는 오프셋을 보관하는 시간입니다(분).
setting-group-initial-rebalance-delay-ms = 새 그룹에서 코디네이터가 멤버를 더 기다리는 시간입니다.
setting-group-min-session-timeout-ms = 멤버가 요청할 수 있는 가장 짧은 세션입니다.
setting-group-max-session-timeout-ms = 멤버가 요청할 수 있는 가장 긴 세션입니다.
setting-group-max-size = classic 프로토콜 그룹이 가질 수 있는 최대 멤버 수입니다.
setting-group-consumer-session-timeout-ms = 컨슈머 그룹의 멤버가 응답하지 않을 때 코디네이터가 제외하기까지의 시간입니다(밀리초).
setting-group-consumer-min-session-timeout-ms = 컨슈머 그룹에 설정할 수 있는 가장 짧은 세션 제한 시간입니다(밀리초).
setting-group-consumer-max-session-timeout-ms = 컨슈머 그룹에 설정할 수 있는 가장 긴 세션 제한 시간입니다(밀리초).
setting-group-consumer-heartbeat-interval-ms = 컨슈머 그룹의 멤버가 하트비트를 보내는 간격입니다(밀리초).
setting-group-consumer-min-heartbeat-interval-ms = 컨슈머 그룹에 설정할 수 있는 가장 짧은 하트비트 간격입니다(밀리초).
setting-group-consumer-max-heartbeat-interval-ms = 컨슈머 그룹에 설정할 수 있는 가장 긴 하트비트 간격입니다(밀리초).
setting-group-consumer-max-size = 컨슈머 그룹이 가질 수 있는 최대 멤버 수입니다.
setting-group-consumer-assignors = 브로커가 쓰는 assignor 목록입니다. 첫 번째가 기본값입니다.
setting-group-consumer-migration-policy = 멤버가 있는 그룹이 classic 프로토콜과 컨슈머 프로토콜 사이를 오갈 수 있는지 여부입니다.
setting-group-consumer-assignment-interval-ms = 컨슈머 그룹의 목표 할당을 다시 계산하기까지의 최소 시간입니다(밀리초).
setting-group-consumer-min-assignment-interval-ms = 컨슈머 그룹에 설정할 수 있는 가장 짧은 할당 간격입니다(밀리초).
setting-group-consumer-max-assignment-interval-ms = 컨슈머 그룹에 설정할 수 있는 가장 긴 할당 간격입니다(밀리초).
setting-group-consumer-regex-refresh-interval-ms = 코디네이터가 구독한 정규 표현식을 다시 해석하는 간격입니다(밀리초).
setting-offsets-retention-check-interval-ms = 코디네이터가 만료된 오프셋을 찾는 간격입니다(밀리초).
setting-offset-metadata-max-bytes = 클라이언트가 오프셋과 함께 커밋할 수 있는 메타데이터의 최대 길이입니다(바이트).
setting-log-segment-bytes = 로그가 새 세그먼트를 시작하는 크기입니다.
setting-log-roll-ms = 로그가 새 세그먼트를 시작하는 시간입니다. 없으면 log.roll.hours를 봅니다.
setting-log-roll-hours = 로그가 새 세그먼트를 시작하는 시간입니다(시간 단위).
setting-log-roll-jitter-ms = 새 세그먼트를 최대 이만큼 더 일찍 시작합니다. 없으면 시간 단위 설정을 봅니다.
setting-log-roll-jitter-hours = 새 세그먼트를 최대 이만큼 더 일찍 시작합니다(시간 단위).
setting-log-retention-ms = 레코드를 보관하는 시간입니다. -1이면 계속 보관하고, 없으면 분 단위 설정을 봅니다.
setting-log-retention-minutes = 레코드를 보관하는 시간입니다(분). 없으면 시간 단위 설정을 봅니다.
setting-log-retention-hours = 레코드를 보관하는 시간입니다(시간 단위).
setting-log-retention-bytes = 로그 하나에서 보관하는 크기입니다. -1이면 제한이 없습니다.
setting-log-cleaner-enable = compaction을 하는 cleaner를 돌릴지 정합니다. 끄면 어떤 로그도 compaction되지 않습니다.
setting-log-cleaner-backoff-ms = compaction을 맡은 cleaner가 쉬는 시간입니다.
setting-log-retention-check-interval-ms = 지울 세그먼트가 있는지 살펴보는 주기입니다.
setting-log-flush-interval-messages = 이만큼 레코드가 쌓이면 로그를 flush합니다. 기본값에서는 하지 않습니다.
setting-log-flush-interval-ms = 이 시간이 지나면 로그를 flush합니다. 없으면 스케줄러 주기를 봅니다.
setting-log-flush-scheduler-interval-ms = flush할 로그가 있는지 살펴보는 주기입니다.
setting-log-index-size-max-bytes = 세그먼트의 오프셋 인덱스 크기입니다.
setting-log-index-interval-bytes = 듬성듬성한 인덱스에서 두 항목 사이의 크기입니다.
setting-log-cleaner-delete-retention-ms = compaction 뒤에도 tombstone 레코드를 남겨 두는 시간입니다.
setting-log-cleaner-min-compaction-lag-ms = 레코드가 이 시간 동안은 compaction 대상이 되지 않습니다.
setting-log-cleaner-max-compaction-lag-ms = 깨끗한 로그라도 이 시간이 지난 레코드에는 compaction을 합니다.
setting-log-cleaner-min-cleanable-ratio = 로그에서 정리되지 않은 부분이 이 비율을 넘어야 compaction을 합니다(0~1).
setting-log-cleaner-threads = compaction을 맡은 스레드 수입니다.
setting-log-cleaner-dedupe-buffer-size = compaction 스레드 전체가 키를 담는 메모리 크기입니다.
setting-log-cleanup-policy = 오래된 레코드를 지울지(delete), compaction할지(compact) 정합니다.
setting-log-segment-delete-delay-ms = 지운 세그먼트의 파일과, 브로커가 더는 호스팅하지 않는 파티션의 폴더가 남아 있는 시간입니다.
setting-log-preallocate = 세그먼트 파일을 처음부터 전체 크기로 만드는지 정합니다.
setting-log-message-timestamp-type = 레코드의 타임스탬프를 누구의 시계로 정하는지입니다.
setting-log-message-timestamp-before-max-ms = 레코드의 시각이 과거로 벗어날 수 있는 한도입니다.
setting-log-message-timestamp-after-max-ms = 레코드의 시각이 미래로 벗어날 수 있는 한도입니다.
setting-compression-type = 배치의 압축 방식입니다. 토픽과 브로커의 기본값은 받은 배치를 그대로 둡니다.
setting-num-io-threads = 요청을 처리하는 스레드 수입니다.
setting-num-network-threads = 리스너마다 요청을 읽고 응답을 쓰는 스레드 수입니다.
setting-fetch-purgatory-purge-interval-requests = 마지막으로 비운 뒤 이보다 많은 fetch가 완료되면 fetch purgatory의 watcher 목록에서 지웁니다. 그 전까지는 PurgatorySize에 함께 셉니다.
setting-producer-purgatory-purge-interval-requests = 마지막으로 비운 뒤 이보다 많은 produce 요청이 완료되면 produce purgatory의 watcher 목록에서 지웁니다. 그 전까지는 PurgatorySize에 함께 셉니다.
setting-queued-max-requests = 핸들러 스레드를 기다릴 수 있는 요청의 최대 개수입니다. 이만큼 쌓이면 네트워크 스레드는 읽기를 멈춥니다.
setting-socket-request-max-bytes = 리스너가 읽는 요청의 최대 크기(바이트)입니다. 더 큰 요청은 크기를 읽는 즉시 연결을 닫습니다.
setting-max-connections-per-ip = 리스너에서 한 주소가 맺을 수 있는 연결 수입니다. 이를 넘는 연결은 받자마자 닫습니다. 노드와 클라이언트마다 주소가 따로 있고, 직접 작성한 요청은 모두 한 주소에서 옵니다.
setting-cordoned-log-dirs = 새 replica를 받지 않을 로그 디렉터리입니다. *는 전부를 뜻합니다. 이미 있는 replica는 그대로 동작합니다.
setting-delete-topic-enable = 토픽을 삭제할 수 있는지 정합니다. 꺼져 있으면 DeleteTopics에 TOPIC_DELETION_DISABLED로 응답합니다.
setting-max-request-partition-size-limit = DescribeTopicPartitions 응답 하나가 담는 최대 파티션 수입니다. 나머지가 어디서 시작하는지는 응답에 들어 있습니다.
setting-group-coordinator-rebalance-protocols = 그룹이 쓸 수 있는 프로토콜(classic, consumer(KIP-848), streams)입니다. consumer가 없으면 그 프로토콜의 요청에 UNSUPPORTED_VERSION으로 응답합니다.
setting-connections-max-idle-ms = 이 시간(밀리초) 동안 아무것도 오가지 않은 연결을 닫습니다. 요청이 응답을 기다리는 중이어도 마찬가지입니다. 음수면 제한이 없습니다. 리스너와 클라이언트는 각자 자기 설정을 따릅니다.
setting-controller-quota-window-num = controller_mutation_rate 쿼터가 걸린 클라이언트에게 컨트롤러가 윈도 몇 개 분량의 토큰까지 쌓아 두는지 정합니다. 파티션 생성·삭제가 한꺼번에 몰려도 이만큼은 통과합니다.
setting-controller-quota-window-size-seconds = 이 윈도 하나의 길이(초)입니다.
setting-quota-window-num = 쿼터를 적용할 클라이언트의 사용률을 계산하는 표본의 수입니다.
setting-quota-window-size-seconds = 표본 하나의 길이(초)입니다. request_percentage 쿼터는 한 번에 최대 이만큼만 스로틀링합니다.
setting-log-flush-offset-checkpoint-interval-ms = recovery point를 적는 주기입니다.
setting-log-flush-start-offset-checkpoint-interval-ms = 로그 시작 오프셋을 적는 주기입니다.
setting-log-initial-task-delay-ms = 브로커가 시작한 뒤 로그를 처음 관리하기까지의 시간입니다.
setting-message-max-bytes = 배치 하나의 최대 크기입니다.
setting-auto-create-topics-enable = 클라이언트가 없는 토픽을 물으면 만드는지 정합니다.
setting-authorizer-class-name = 클라이언트가 무엇을 할 수 있는지 판단하는 클래스입니다. 비어 있으면 모든 요청을 허용합니다.
setting-super-users = ACL과 상관없이 모든 작업이 허용되는 주체입니다. 세미콜론으로 구분합니다.
setting-allow-everyone-if-no-acl-found = 관련 ACL이 하나도 없는 리소스를 누구에게나 허용할지 정합니다.
setting-replica-selector-class = 컨슈머가 읽을 replica를 고르는 방식입니다.
setting-eligible-leader-replicas-version = ELR(KIP-966)입니다. 1이면 켜지고 0이면 꺼집니다.
setting-replica-lag-max-messages = 옛 설정(0.9 이전): 이만큼 레코드가 뒤처진 팔로워는 ISR에서 빠집니다. 0이면 쓰지 않습니다.
setting-truncation = 옛 방식: 팔로워가 로그를 자를 곳을 찾는 방법입니다. high-watermark는 KIP-101(0.11) 이전, leader-epoch는 KIP-101, fetch는 지금(KIP-595)의 방식입니다.
setting-pre-vote = 옛 방식: 메타데이터 로그의 voter가 선출될 가망이 있는지 먼저 물어볼지 정합니다(KIP-996). false는 4.0 이전 방식으로, 리더와 연락이 끊긴 voter마다 epoch를 올립니다.
setting-raft = 비교를 위한 설정으로 Kafka에는 없습니다. 메타데이터 로그의 voter가 리더를 따르는 방식을 정합니다. kraft에서는 Kafka처럼 voter가 fetch합니다. textbook에서는 Raft 논문처럼 리더가 늦어도 50 ms마다 AppendEntries를 보내고, 150~300 ms 동안 받지 못한 voter는 선거에 나섭니다. 모든 voter의 값이 같아야 하며, 로그에 적힌 voter(initial.controllers)는 언제나 fetch합니다.
setting-cleanup-policy = 오래된 레코드를 지울지(delete), compaction할지(compact) 정합니다.
setting-segment-bytes = 로그가 새 세그먼트를 시작하는 크기입니다.
setting-internal-segment-bytes = 1 MiB보다 작은 세그먼트를 위한, Kafka의 테스트용 설정입니다(1 MiB 하한은 KIP-1030). 0이면 쓰지 않습니다.
setting-segment-ms = 로그가 새 세그먼트를 시작하는 시간입니다.
setting-segment-jitter-ms = segment.ms보다 최대 이만큼 더 일찍 새 세그먼트를 시작합니다.
setting-segment-index-bytes = 세그먼트의 오프셋 인덱스 크기입니다.
setting-index-interval-bytes = 듬성듬성한 인덱스에서 두 항목 사이의 크기입니다.
setting-retention-ms = 레코드를 보관하는 시간입니다. -1이면 계속 보관합니다.
setting-retention-bytes = 로그 하나에서 보관하는 크기입니다. -1이면 제한이 없습니다.
setting-delete-retention-ms = compaction 뒤에도 tombstone 레코드를 남겨 두는 시간입니다.
setting-min-cleanable-dirty-ratio = 로그에서 정리되지 않은 부분이 이 비율을 넘어야 compaction을 합니다(0~1).
setting-min-compaction-lag-ms = 레코드가 이 시간 동안은 compaction 대상이 되지 않습니다.
setting-max-compaction-lag-ms = 레코드가 compaction을 기다리는 최대 시간입니다.
setting-file-delete-delay-ms = 지운 세그먼트의 파일이 남아 있는 시간입니다.
setting-preallocate = 세그먼트 파일을 처음부터 전체 크기로 만드는지 정합니다.
setting-flush-messages = 이만큼 레코드가 쌓이면 로그를 flush합니다. 기본값에서는 하지 않습니다.
setting-flush-ms = 이 시간이 지나면 로그를 flush합니다. 기본값에서는 하지 않습니다.
setting-max-message-bytes = 배치 하나의 최대 크기입니다.
setting-message-timestamp-type = 레코드의 타임스탬프를 누구의 시계로 정하는지입니다.
setting-message-timestamp-before-max-ms = 레코드의 시각이 과거로 벗어날 수 있는 한도입니다.
setting-message-timestamp-after-max-ms = 레코드의 시각이 미래로 벗어날 수 있는 한도입니다.
setting-compression-gzip-level = gzip의 압축 수준입니다. -1이면 gzip의 기본값입니다.
setting-compression-lz4-level = lz4의 압축 수준입니다.
setting-compression-zstd-level = zstd의 압축 수준입니다.
setting-leader-replication-throttled-replicas = 리더 쪽 복제 속도를 제한할 replica입니다.
setting-follower-replication-throttled-replicas = 팔로워 쪽 복제 속도를 제한할 replica입니다.
setting-remote-storage-enable = 오래된 세그먼트를 tiered storage로 보내는지 정합니다.
setting-local-retention-ms = 레코드를 로컬에 보관하는 시간입니다. -2이면 retention.ms를 따릅니다.
setting-local-retention-bytes = 로컬에 보관하는 크기입니다. -2이면 retention.bytes를 따릅니다.
setting-remote-log-copy-disable = tiered storage로 더 보내지 않게 합니다.
setting-remote-log-delete-on-disable = tiered storage를 끌 때 거기 있던 것을 지우는지 정합니다.
setting-acks = 레코드를 받아야 할 replica입니다. all, 1, 0 중 하나입니다.
setting-linger-ms = 배치가 다른 레코드를 기다리는 시간입니다.
setting-client-id = 클라이언트가 쓰는 이름입니다. 쿼터와 그룹, 로그가 이 이름으로 클라이언트를 구별합니다. 비워 두면 클라이언트의 번호가 붙은 이름이 됩니다.
setting-batch-size = 이 크기가 되면 배치를 바로 보냅니다.
setting-retries = 배치를 다시 보내는 횟수입니다.
setting-retry-backoff-ms = 다시 시도하기까지 기다리는 시간입니다.
setting-socket-connection-setup-timeout-ms = 연결이 열리기를 기다리는 시간입니다(밀리초). 연달아 실패할 때마다 두 배로 늘어납니다.
setting-socket-connection-setup-timeout-max-ms = 연결이 열리기를 기다리는 시간의 최댓값입니다(밀리초).
setting-reconnect-backoff-ms = 연결이 끊어졌거나 연결하지 못한 브로커에 다시 연결하기까지 기다리는 시간입니다(밀리초). 연달아 실패할 때마다 두 배로 늘어납니다.
setting-reconnect-backoff-max-ms = 그렇게 기다리는 시간의 최댓값입니다(밀리초).
setting-request-timeout-ms = 응답을 기다리는 시간입니다.
setting-delivery-timeout-ms = 레코드가 ack를 받거나 포기되기까지의 최대 시간입니다.
setting-max-in-flight-requests-per-connection = 한 연결에서 응답을 기다리는 배치의 최대 수입니다.
setting-enable-idempotence = 두 번 보낸 배치를 한 번만 저장하게 하는지 정합니다.
setting-max-request-size = 요청 하나의 최대 크기입니다.
setting-metadata-max-age-ms = 메타데이터를 새로 받지 않고 쓰는 최대 시간입니다.
setting-simulated-compressed-percent = 압축된 레코드의 크기가 원래 크기의 몇 퍼센트인지 정합니다. 코덱이 없는 시뮬레이션의 설정입니다.
setting-partitioner-ignore-keys = 파티션을 고를 때 키를 무시하는지 정합니다.
setting-partitioner-class = 파티션을 고르는 방식입니다. 비어 있으면 내장 파티셔너, 아니면 Kafka의 RoundRobinPartitioner나 2.4 이전의 DefaultPartitioner가 고릅니다.
setting-key-serializer = 애플리케이션의 키를 바이트로 바꾸는 방식입니다.
setting-value-serializer = 애플리케이션의 값을 바이트로 바꾸는 방식입니다.
setting-key-deserializer = 바이트를 애플리케이션의 키로 되돌리는 방식입니다.
setting-value-deserializer = 바이트를 애플리케이션의 값으로 되돌리는 방식입니다.
setting-buffer-memory = 아직 끝나지 않은 배치들이 쓰는 메모리의 바이트 수입니다. 배치마다 최소 batch.size만큼 차지합니다.
setting-max-block-ms = send()가 메타데이터와 메모리를 기다리는 최대 시간입니다(밀리초).
setting-transactional-id = 이 프로듀서의 트랜잭션을 가리키는 이름입니다. 비어 있으면 트랜잭션을 쓰지 않습니다. 같은 이름의 새 프로세스가 뜨면 이전 프로세스는 fenced 상태가 됩니다.
setting-transaction-timeout-ms = 트랜잭션이 열려 있을 수 있는 최대 시간입니다. 넘으면 코디네이터가 중단합니다.
setting-auto-offset-reset = 커밋된 오프셋이 없을 때 어디서 시작하는지입니다.
setting-fetch-min-bytes = fetch가 이만큼 모일 때까지 기다립니다.
setting-fetch-max-wait-ms = fetch가 기다리는 최대 시간입니다.
setting-fetch-max-bytes = fetch 하나의 최대 크기입니다.
setting-max-partition-fetch-bytes = fetch 하나에 담기는 한 파티션의 최대 크기입니다.
setting-max-poll-records = poll 한 번에 받는 레코드의 최대 수입니다.
setting-max-poll-interval-ms = 두 poll 사이의 최대 시간입니다.
setting-session-timeout-ms = 코디네이터가 소식 없는 멤버를 기다려 주는 시간입니다.
setting-heartbeat-interval-ms = 멤버가 살아 있음을 알리는 주기입니다.
setting-auto-commit-interval-ms = 컨슈머가 스스로 커밋하는 주기입니다.
setting-isolation-level = 트랜잭션의 레코드 중 어느 것을 읽는지입니다.
setting-client-rack = 컨슈머가 있는 랙입니다(KIP-392).
setting-security-protocol = 연결에 쓰는 프로토콜입니다. PLAINTEXT이거나 TLS를 쓰는 SSL입니다. TLS를 쓰면 브로커가 레코드를 복사하지 않고 page cache에서 바로 보낼 수 없습니다. 그 뒤에 여는 연결부터 적용되며, 여기서는 브로커가 한 리스너에서 둘 다 받습니다.
setting-group-instance-id = static 멤버의 이름입니다.
setting-group-protocol = 할당을 멤버가 계산하는지(classic) 브로커가 계산하는지(consumer)입니다. 컨슈머를 다시 시작하면 바뀐 값이 적용됩니다.
setting-group-remote-assignor = 멤버가 쓰기를 원하는 브로커의 할당 방식입니다.
setting-partition-assignment-strategy = 멤버가 쓸 수 있는 할당 방식입니다. 앞에 있을수록 우선합니다.
setting-latency-ms-min = 시뮬레이션한 네트워크에서 메시지가 걸리는 최소 시간입니다.
setting-latency-ms-max = 시뮬레이션한 네트워크에서 메시지가 걸리는 최대 시간입니다.
setting-network-request-ms = 네트워크 스레드가 요청 하나를 읽거나 응답 하나를 보내는 데 걸리는 시간입니다.
setting-network-bytes-per-ms = 네트워크 스레드가 1 ms에 읽거나 보내는 레코드의 바이트 수입니다. 0이면 제한이 없습니다.
setting-network-copied-bytes-per-ms = TLS 때문에 커널이 page cache에서 바로 보내지 못할 때 네트워크 스레드가 1 ms에 버퍼에서 버퍼로 복사하는 레코드의 바이트 수입니다. 0이면 제한이 없습니다.
setting-handler-request-ms = 핸들러 스레드가 요청 하나를 처리하는 데 걸리는 시간입니다.
setting-handler-append-ms = 핸들러 스레드가 파티션 하나에 추가할 때마다 더 걸리는 시간입니다.
setting-handler-append-bytes-per-ms = 핸들러 스레드가 1 ms에 검사하고 추가하는 레코드의 바이트 수입니다. 0이면 제한이 없습니다.
setting-controller-quorum-election-timeout-ms = voter가 리더를 기다리다가 투표를 요청하기까지의 시간입니다. 여기에 무작위로 최대 같은 만큼이 더해집니다.
setting-controller-quorum-fetch-timeout-ms = 메타데이터 로그의 팔로워가 응답 없는 리더를 기다려 주는 시간입니다.
setting-controller-quorum-election-backoff-max-ms = 리더가 물러난 뒤 voter가 기다리는 최대 시간입니다.
setting-controller-quorum-request-timeout-ms = 쿼럼의 노드가 다른 노드의 응답을 기다리는 시간입니다.
setting-controller-quorum-auto-join-enable = 투표하지 않는 컨트롤러가 스스로 리더에게 voter로 추가해 달라고 요청할지 정합니다(4.2, KIP-1186). voter가 바뀔 수 있는 쿼럼에서만 쓰입니다.
setting-controller-quorum-retry-backoff-ms = 실패한 노드에 다시 요청하기까지 기다리는 시간입니다.
setting-controller-quorum-fetch-max-bytes = fetch 응답 하나에 담기는 메타데이터 로그의 최대 크기(바이트)입니다. 첫 배치는 이보다 클 수 있습니다.
setting-initial-controllers = kafka-storage format --initial-controllers로 지정한 컨트롤러의 id 목록(쉼표로 구분)입니다. 이 컨트롤러들이 처음에 투표하고, 나머지는 kafka-metadata-quorum add-controller로 추가합니다(KIP-853). 비어 있으면 모든 컨트롤러가 투표하며 voter는 바뀌지 않습니다.
setting-controller-quorum-fetch-snapshot-max-bytes = FetchSnapshot 응답 하나에 담는 메타데이터 로그 스냅샷의 최대 바이트입니다.
setting-metadata-log-max-record-bytes-between-snapshots = 메타데이터 로그가 이 바이트 수만큼 늘어나면 노드가 스냅샷을 만듭니다.
setting-metadata-log-max-snapshot-interval-ms = 이 시간(밀리초)이 지나면 늘어난 바이트가 적어도 다음 레코드와 함께 스냅샷을 만듭니다. 0이면 시간으로는 만들지 않습니다.
setting-metadata-max-retention-bytes = 메타데이터 로그와 스냅샷을 합친 크기가 이 바이트를 넘으면 가장 오래된 스냅샷과 그다음 스냅샷 아래의 로그를 삭제합니다. -1이면 제한이 없습니다. 가장 새로운 스냅샷은 항상 남습니다.
setting-metadata-max-retention-ms = 더 새로운 스냅샷이 있을 때 이 시간(밀리초)보다 오래된 메타데이터 로그 스냅샷을 삭제합니다. -1이면 제한이 없습니다.

## 메트릭

metric-request-queue-size = 핸들러 스레드를 기다리는 요청의 수입니다.
metric-request-queue-size-advice = 핸들러 스레드가 처리 속도를 따라가지 못하면 늘어납니다. RequestHandlerAvgIdlePercent와 LocalTimeMs를 확인하세요. queued.max.requests에 이르면 네트워크 스레드가 읽기를 멈춥니다.
metric-response-queue-size = 네트워크 스레드를 기다리는 응답의 수입니다.
metric-response-queue-size-advice = 네트워크 스레드가 따라가지 못하면 늘어납니다. NetworkProcessorAvgIdlePercent를 확인하고 num.network.threads를 늘리세요.
metric-network-processor-avg-idle-percent = 네트워크 스레드가 유휴 상태였던 시간의 비율입니다. 요청 큐의 빈자리를 기다리는 시간은 유휴가 아닙니다.
metric-network-processor-avg-idle-percent-advice = 30 % 아래면 네트워크 스레드가 병목이거나 요청 큐가 가득 찬 것입니다.
metric-request-handler-avg-idle-percent = 핸들러 스레드가 유휴 상태였던 시간의 비율입니다.
metric-request-handler-avg-idle-percent-advice = 30 % 아래면 핸들러 스레드가 병목입니다. LocalTimeMs가 긴 요청 종류를 찾거나 num.io.threads를 늘리세요.
metric-connection-count = 리스너에 열려 있는 연결의 수입니다. 클라이언트, 다른 브로커, 컨트롤러의 연결을 네트워크 스레드 전체에 걸쳐 셉니다.
metric-connection-count-advice = 클라이언트가 연결을 열어 두고 쓰지 않으면 늘어납니다. 클라이언트는 브로커마다 연결 하나를(컨슈머는 그룹 코디네이터에 하나 더) 쓰고 connections.max.idle.ms가 지나면 닫습니다. 메시지마다 클라이언트를 새로 만드는 애플리케이션은 여기서 먼저 드러납니다.
metric-connection-creation-rate = 초당 받은 새 연결의 수입니다.
metric-connection-creation-rate-advice = 안정된 클러스터에서는 0에 가깝습니다. 초당 여러 개라면 클라이언트를 만들었다 닫기를 되풀이하거나 연결이 자꾸 끊어지고 있는 것입니다.
metric-connection-close-rate = 초당 닫힌 연결의 수입니다. 어느 쪽에서 닫았든 셉니다.
metric-requests-per-sec = 이 종류의 요청에 초당 응답한 횟수입니다.
metric-total-time-ms = 요청 큐에 들어온 때부터 응답을 보낼 때까지의 시간입니다. 두 표본 사이에 응답한 요청의 평균입니다.
metric-total-time-ms-advice = RequestQueueTimeMs, LocalTimeMs, RemoteTimeMs, ResponseQueueTimeMs, ResponseSendTimeMs로 나눠 보면 시간이 어디에서 걸렸는지 알 수 있습니다. 그전에 소켓에 머문 시간은 어느 메트릭에도 나타나지 않습니다.
metric-request-queue-time-ms = 요청 큐에서 핸들러 스레드를 기다린 시간입니다.
metric-request-queue-time-ms-advice = 핸들러 스레드가 바쁘면 길어집니다.
metric-local-time-ms = 핸들러 스레드가 검사하고 로그에 추가하거나 로그를 읽은 시간입니다.
metric-local-time-ms-advice = 디스크가 느리면 Produce에서 길어집니다.
metric-remote-time-ms = purgatory에서 보낸 시간입니다. Produce는 ISR의 복제를, Fetch는 충분한 바이트를 기다립니다.
metric-remote-time-ms-advice = acks=all인 Produce에서는 ISR에서 가장 느린 팔로워에 걸린 시간입니다. 새 레코드가 없는 파티션의 Fetch에서는 fetch.max.wait.ms만큼 걸리는 것이 정상입니다.
metric-response-queue-time-ms = 응답 큐에서 그 연결을 맡은 네트워크 스레드를 기다린 시간입니다.
metric-response-send-time-ms = 네트워크 스레드가 응답을 보내는 데 걸린 시간입니다.
metric-throttle-time-ms = 쿼터 때문에 이 종류의 응답이 클라이언트에 멈추라고 한 시간입니다. 그동안 연결은 mute됩니다.
metric-throttle-time-ms-advice = 0이 아니면 쿼터를 초과한 사용자나 클라이언트가 있습니다. ‘파이프라인’ 탭에서 누구인지 확인할 수 있습니다.
metric-errors-per-sec = 이 요청의 응답에 담긴 해당 에러의 초당 횟수입니다. 파티션 여러 개에 대한 응답 하나에 여러 번 담길 수 있습니다.
metric-errors-per-sec-advice = 리더가 바뀔 때 NOT_LEADER_OR_FOLLOWER가 몇 번 나오는 것은 정상입니다. 클라이언트가 새 리더를 찾아갑니다. 에러가 계속되면 누가 무엇을 요청하는지 살펴보세요.
metric-num-delayed-operations = 기다리는 요청의 수입니다. Produce는 ISR의 복제를, Fetch는 fetch.min.bytes가 모이거나 대기 시간이 끝나기를 기다립니다. 읽을 것이 없는 컨슈머와 팔로워마다 Fetch 하나는 정상입니다.
metric-purgatory-size = 요청의 수가 아니라 watcher 목록에 있는 항목의 수입니다. 요청 하나가 지켜보는 파티션마다 항목이 하나씩 있고, 완료된 요청의 항목도 그 파티션이 바뀌거나 purgatory.purge.interval.requests만큼 완료될 때까지 남습니다. 놀고 있는 클러스터에서도 늘어나지만 밀린 것이 아닙니다.
metric-bytes-in-per-sec = 프로듀서가 초당 보낸 바이트입니다.
metric-bytes-out-per-sec = 컨슈머에게 초당 보낸 바이트입니다.
metric-messages-in-per-sec = 프로듀서가 초당 보낸 레코드의 수입니다.
metric-replication-bytes-in-per-sec = 이 브로커가 리더들에게서 초당 가져온 바이트입니다.
metric-replication-bytes-out-per-sec = 팔로워에게 초당 보낸 바이트입니다.
metric-under-replicated-partitions = 이 브로커가 리더인 파티션 중 ISR에 모든 replica가 있지는 않은 파티션의 수입니다.
metric-under-replicated-partitions-advice = 0이 아니면 다운되었거나 뒤처진 브로커가 있습니다.
metric-under-min-isr-partition-count = 이 브로커가 리더인 파티션 중 ISR이 min.insync.replicas보다 작은 파티션의 수입니다.
metric-under-min-isr-partition-count-advice = acks=all인 프로듀서가 NOT_ENOUGH_REPLICAS를 받습니다.
metric-at-min-isr-partition-count = 이 브로커가 리더인 파티션 중 ISR이 꼭 min.insync.replicas만큼인 파티션의 수입니다.
metric-at-min-isr-partition-count-advice = replica를 하나만 더 잃으면 acks=all인 프로듀서가 쓸 수 없습니다.
metric-leader-count = 이 브로커가 리더인 파티션의 수입니다.
metric-partition-count = 이 브로커에 있는 replica의 수입니다.
metric-isr-shrinks-per-sec = 이 브로커가 리더인 파티션의 ISR이 초당 줄어든 횟수입니다.
metric-isr-expands-per-sec = 이 브로커가 리더인 파티션의 ISR이 초당 늘어난 횟수입니다.
metric-max-lag = 이 브로커의 replica 중 가장 뒤처진 것이 리더보다 몇 레코드 뒤처졌는지입니다.
metric-active-controller-count = 액티브 컨트롤러에서 1, 나머지에서 0입니다.
metric-active-controller-count-advice = 모든 컨트롤러의 합이 1이어야 합니다.
metric-offline-partitions-count = 리더가 없는 파티션의 수입니다.
metric-offline-partitions-count-advice = 0이 아니면 이 파티션들에는 쓸 수도 읽을 수도 없습니다.
metric-active-broker-count = 등록되어 있고 fence되지 않은 브로커의 수입니다.
metric-fenced-broker-count = 등록되어 있지만 fence된 브로커의 수입니다.
metric-preferred-replica-imbalance-count = 리더가 replica 목록의 첫 번째가 아닌 파티션의 수입니다.
metric-election-from-eligible-leader-replicas-per-sec = ELR에서 초당 리더를 뽑은 횟수입니다.
metric-election-from-eligible-leader-replicas-per-sec-advice = 설계상 커밋된 레코드를 잃지 않지만 ISR이 비어 있었다는 뜻입니다. 마지막 ISR 멤버들이 왜 빠졌는지 찾아보세요.
metric-unclean-leader-elections-per-sec = ISR에도 ELR에도 없는 replica를 초당 리더로 뽑은 횟수입니다.
metric-unclean-leader-elections-per-sec-advice = 그때마다 커밋된 레코드를 잃었을 수 있습니다.

## 트랜잭션

txn-open-lab = 요청 실험실 열기
txn-state-empty = 프로듀서가 id와 epoch를 받았습니다. 그 뒤로 시작한 트랜잭션은 없습니다.
txn-state-ongoing = 트랜잭션이 열려 있습니다. 레코드는 로그에 있지만 유효한지는 아직 정해지지 않았습니다.
txn-state-preparecommit = 커밋이 확정됐습니다. 파티션마다 COMMIT 마커를 기록해야 합니다.
txn-state-prepareabort = 중단이 확정됐습니다. 파티션마다 ABORT 마커를 기록해야 합니다.
txn-state-completecommit = 커밋됐습니다. 모든 파티션에 마커가 있어 다음 트랜잭션을 시작할 수 있습니다.
txn-state-completeabort = 중단됐습니다. 모든 파티션에 마커가 있어 다음 트랜잭션을 시작할 수 있습니다.
txn-state-dead = transactional.id.expiration.ms 동안 아무도 쓰지 않아 id를 지웁니다.
txn-state-prepareepochfence = 코디네이터가 트랜잭션을 중단하기 전에 프로듀서의 epoch를 올려 막습니다.
txn-pending = { $state } 상태를 준비했습니다. __transaction_state의 레코드가 커밋되면 적용되고, 그 전까지 다른 변경은 CONCURRENT_TRANSACTIONS를 받습니다.
txn-pending-markers-first = { $state } 상태를 준비했습니다. 모든 파티션에 마커가 있어야 기록하며, 그 전까지 다른 변경은 CONCURRENT_TRANSACTIONS를 받습니다.
txn-marker-waits = 여기에는 열린 트랜잭션이 없지만, 아직 HW 아래로 들어오지 않은 마커가 있습니다. LSO는 그 마커를 기다립니다.
txn-axis-both = 둘 다 읽음
txn-axis-held = 아직 read_uncommitted만 읽음
txn-axis-aborted = 중단됨
txn-times-out = 코디네이터가 중단할 수 있을 때까지: { $left }
txn-hangs = transaction.timeout.ms보다 { $ms } ms 더 오래 열려 있습니다.
txn-abort-check = 코디네이터의 다음 확인까지: { $left }
txn-diagram = transactional id의 상태 기계입니다. 지금: { $state }. 다음에 가능한 상태: { $next }.
txn-producer-id = Producer id
txn-epoch = Epoch
txn-version = 트랜잭션 버전
txn-timeout = transaction.timeout.ms
txn-no-timeout = 없음: Kafka 밖에서 끝냄
txn-next = 다음에 가능한 상태
txn-in-it = 트랜잭션에 속한 파티션
txn-none-in-it = 속한 파티션이 없습니다.
txn-pending-markers = 어느 파티션에 아직 마커가 없나요?
txn-all-markers = 모든 파티션에 마커가 있습니다.
txn-no-leader = 리더가 없어 마커를 기록하지 못함
txn-marker-at = 브로커 { $node }{ JOSA($node, "이/가") } 마커를 기록할 차례
txn-led-by = 리더: 브로커 { $node }
txn-log = 코디네이터는 무엇을 기록했나요?
txn-partitions = 컨슈머는 무엇을 받나요?
txn-no-partition = 아직 트랜잭션의 레코드가 있는 파티션이 없습니다.
txn-readers-mean = isolation.level=read_uncommitted인 컨슈머는 HW까지 읽습니다. read_committed인 컨슈머는 LSO까지 읽고, 브로커가 함께 보낸 목록에 따라 중단된 레코드를 뺍니다.
txn-lso = LSO
txn-hw = HW
txn-leo = LEO
txn-none-open = 여기에는 열린 트랜잭션이 없습니다.
txn-open-from = 오프셋 { $offset }부터 열림: producer id { $id }, epoch { $epoch }
txn-unknown-owner = 이 트랜잭션을 아는 코디네이터가 없습니다. 누가 kafka-transactions.sh로 중단할 때까지 열려 있습니다.
txn-index = 트랜잭션 인덱스에 적힌 중단:
txn-aborted = Producer id { $id }: 오프셋 { $first }~{ $last }, 당시 LSO { $lso }
txn-no-record = 남아 있는 레코드가 없습니다.
txn-records-of = { $partition }의 레코드
txn-offset = 오프셋
txn-fate = 종류
txn-not-yet = 아직
txn-left-out = 제외
txn-never = 전달되지 않음
txn-fate-plain = 트랜잭션 아님
txn-fate-open = 열림, producer id { $id }
txn-fate-committed = 커밋됨, producer id { $id }
txn-fate-aborted = 중단됨, producer id { $id }
txn-fate-commit-marker = producer id { $id }의 COMMIT 마커
txn-fate-abort-marker = producer id { $id }의 ABORT 마커

## 레코드마다 어떻게 되었는가

ledger-empty = 애플리케이션이 보낸 레코드가 없습니다.
ledger-summary = 레코드 { $records }개, 최신순입니다.
ledger-left-out = 더 오래된 { $records }개는 표시하지 않았습니다.
ledger-count-lost = 유실 { $records }개
ledger-count-passed-over = 처리하지 않고 커밋 { $records }개
ledger-count-stored-twice = 여러 번 저장 { $records }개
ledger-count-processed-twice = 여러 번 처리 { $records }개
ledger-count-stored-unacknowledged = ack 없이 저장 { $records }개
ledger-finding-lost = 유실: ack를 받았는데 리더의 로그에 없습니다.
ledger-finding-passed-over = 처리하지 않고 지나서 커밋한 그룹이 있습니다.
ledger-finding-stored-twice = 로그에 여러 번 있습니다.
ledger-finding-processed-twice = 여러 번 처리한 그룹이 있습니다.
ledger-finding-stored-unacknowledged = 애플리케이션은 ack를 받지 못했지만 로그에 있습니다.
ledger-sent = send()
ledger-awaits-metadata = 메타데이터를 기다리는 중
ledger-awaits-memory = 버퍼 메모리를 기다리는 중
ledger-accumulated = { $attempts ->
    [0] 배치에서 기다리는 중
   *[other] 다시 보내려고 기다리는 중, 지금까지 { $attempts }번 전송
}
ledger-in-flight = { $attempts ->
    [1] 브로커 { $node }에 전송 중
   *[other] 브로커 { $node }에 전송 중, { $attempts }번째
}
ledger-sent-without-answer = 전송함, 응답을 기다리지 않음
ledger-acknowledged = { $attempts ->
    [1] 오프셋 { $offset }에서 ack
   *[other] 오프셋 { $offset }에서 ack, { $attempts }번 전송
}
ledger-failed = 콜백에 { $error }
ledger-aborted = 트랜잭션과 함께 버림
ledger-abandoned = 프로듀서가 닫히며 버려짐
ledger-forgotten = 콜백 전에 프로세스가 다운됨
ledger-stored = { $offset }에 저장
ledger-stored-above = { $offset }에 저장, HW 위
ledger-stored-open = { $offset }에 저장, 열린 트랜잭션
ledger-stored-aborted = { $offset }에 저장, 중단된 트랜잭션
ledger-unread = { $group }: 처리 안 함
ledger-committed-unread = { $group }: 처리 안 하고 커밋
ledger-processed = { $group }: { $times }번 처리, 커밋 전
ledger-processed-committed = { $group }: { $times }번 처리, 커밋

## 코디네이터의 로그

coordinator-log-none = 지금은 코디네이터의 파티션에 리더가 없습니다.
coordinator-log-empty = 최근 배치에는 해당하는 레코드가 없습니다.
coordinator-log-line = 리더: 브로커 { $node }, epoch { $epoch } · HW { $hw } · LEO { $leo }
coordinator-record-offset-commit = { $about }: 다음에 읽을 오프셋은 { $value }
coordinator-record-offset-commit-gone = { $about }: 커밋한 오프셋이 삭제됨
coordinator-record-group-metadata = Generation { $value }: 멤버 { $count }명과 할당 결과
coordinator-record-group-metadata-gone = 그룹이 삭제됨
coordinator-record-consumer-group-metadata = Group epoch { $value }
coordinator-record-consumer-group-metadata-gone = 그룹이 삭제됨
coordinator-record-consumer-group-partition-metadata = 구독한 토픽의 파티션
coordinator-record-consumer-group-partition-metadata-gone = 구독한 토픽의 파티션 정보가 삭제됨
coordinator-record-consumer-group-member-metadata = 멤버 { $about }: 누구이고 무엇을 구독하는지
coordinator-record-consumer-group-member-metadata-gone = 멤버 { $about }{ JOSA($about, "이/가") } 떠남
coordinator-record-consumer-group-target-assignment-metadata = 목표 할당은 epoch { $value }의 것
coordinator-record-consumer-group-target-assignment-metadata-gone = 목표 할당이 삭제됨
coordinator-record-consumer-group-target-assignment-member = 멤버 { $about }의 목표: 파티션 { $count }개
coordinator-record-consumer-group-target-assignment-member-gone = 멤버 { $about }의 목표가 삭제됨
coordinator-record-consumer-group-current-member-assignment = 멤버 { $about }, epoch { $value }: 파티션 { $count }개 할당
coordinator-record-consumer-group-current-member-assignment-gone = 멤버 { $about }의 할당이 삭제됨
coordinator-record-consumer-group-regular-expression = 정규 표현식 { $about }에 맞는 토픽
coordinator-record-consumer-group-regular-expression-gone = 정규 표현식 { $about }{ JOSA($about, "을/를") } 구독하는 멤버가 없음
coordinator-record-transaction-log = { $about }: producer id { $value }, epoch { $count }
coordinator-record-transaction-log-gone = transactional id가 삭제됨

## 그룹

group-state-empty = 멤버가 없습니다. 커밋한 오프셋은 남아 있습니다.
group-state-preparingrebalance = 멤버들의 JoinGroup을 기다립니다. 길어도 멤버들의 리밸런싱 제한 시간까지만 기다립니다.
group-state-completingrebalance = 온 멤버는 모두 참여했습니다. 그룹 리더인 클라이언트가 SyncGroup으로 보낼 할당 결과를 기다립니다.
group-state-stable = 모든 멤버가 할당된 파티션을 갖고 있습니다.
group-state-dead = 그룹이 삭제됐거나 코디네이터가 바뀌었습니다.
group-state-assigning = group epoch가 올랐습니다. 코디네이터가 새 목표 할당을 계산해야 합니다.
group-state-reconciling = 목표 할당이 계산됐습니다. 멤버마다 자기 epoch로 하나씩 목표에 맞춰 갑니다.
group-field-protocol = 프로토콜
group-is-classic = classic: 클라이언트가 할당
group-is-consumer = consumer(KIP-848): 코디네이터가 할당
group-field-generation = Generation
group-field-epoch = Group epoch
group-field-assignment-epoch = Assignment epoch
group-field-assignor = Assignor
group-field-leader = 그룹 리더
group-field-coordinator = 코디네이터
group-members = 그룹에는 누가 있나요?
group-no-member = 그룹에 멤버가 없습니다. 컨슈머 창에서 이 그룹의 컨슈머를 시작하고 ‘앞으로’를 누르세요.
group-foreign-member = 이 클러스터의 클라이언트가 아닌 멤버
group-leads = 그룹 리더
group-member-id = 멤버 id
group-client-id = client.id
group-instance-id = group.instance.id
group-member-epoch = 멤버 epoch
group-member-state = 상태
group-member-speaks = 사용하는 프로토콜
group-member-holds = 할당
group-member-revoking = 반납할 파티션
group-member-target = 목표
group-no-partition = 파티션 없음
group-not-member = 멤버 아님
group-before = 리밸런싱 전: { $before }
group-revoked = − { $partitions } 회수
group-gained = + { $partitions } 추가
group-unchanged = 변화 없음
group-positions = 그룹은 어디까지 읽었나요?
group-no-position = 할당된 파티션도 커밋한 오프셋도 없습니다. 멤버들이 파티션을 받을 때까지 ‘앞으로’를 누르세요.
group-reader = 읽는 컨슈머
group-owner-only = { $owner }(아직 읽지 않음)
group-nobody = 없음
group-two-readers = { $readers }: 둘 다 자기 파티션으로 알고 있음
group-axis = 오프셋 { $from }~{ $to }
group-timers = 무엇이 언제 만료되나요?
group-no-timer = 설정된 그룹 타이머가 없습니다.
group-timer = 타이머
group-timer-about = 대상
group-timer-of = 타이머가 있는 곳
group-timer-left = 남은 시간
group-rebalance = 마지막 리밸런싱으로 얼마나 멈췄나요?
group-no-rebalance = 실행을 시작한 뒤로 리밸런싱이 없었습니다. 컨슈머를 닫거나 강제 종료하거나 하나 더 시작하고 ‘앞으로’를 누르세요.
group-rebalance-took = 그룹이 다시 안정될 때까지 코디네이터에서 { $ms } ms 걸렸습니다.
group-rebalance-runs = { $ms } ms째 진행 중입니다.
group-no-pause = 읽는 컨슈머가 없던 파티션은 없습니다.
group-pauses = 파티션마다 아무도 읽지 않은 시간
group-pause-from-to = 누구에서 → 누구로
group-pause-ms = 아무도 읽지 않은 시간
group-pause-means = 마지막으로 읽던 컨슈머가 파티션을 반납하거나 종료되면 공백이 시작되고, 그 파티션을 담은 다음 fetch로 끝납니다. 아무것도 반납하지 않은 컨슈머는 마지막 fetch에서 멈춘 것으로 봅니다.
group-nobody-yet = 아직 없음
group-ms = { $ms } ms
group-log = 코디네이터는 무엇을 기록했나요?

## 쿼럼

quorum-ring = 메타데이터 로그의 voter
quorum-logs = 오프셋 축 하나에 놓은 메타데이터 로그
quorum-log-start = 로그 시작 오프셋 { $offset }
quorum-snapshot = 스냅샷 { $file }
quorum-snapshots = 컨트롤러 { $id }의 로그 옆에 있는 스냅샷
quorum-snapshot-size = 레코드 { $records }개, { $bytes }바이트
quorum-fetching-snapshot = 오프셋 { $offset }까지의 스냅샷(epoch { $epoch })을 fetch하는 중: 현재 { $bytes }바이트
quorum-records = 컨트롤러 { $id }의 로그에 있는 최근 레코드
quorum-epoch = Epoch { $epoch }
quorum-election-of = 선출 중, epoch { $epoch }
quorum-no-leader = 리더 없음
quorum-majority = 과반수 { $majority }
quorum-votes = { $majority }표 중 { $got }표
quorum-all-committed = 모두 커밋됨
quorum-offset-on = 오프셋 { $offset }: { $majority }곳 중 { $got }곳
quorum-timer-election = 선출 제한 시간까지 { $ms } ms
quorum-timer-fetch = fetch에 성공하지 못하면 { $ms } ms 뒤 리더를 포기
quorum-timer-check-quorum = 과반수가 fetch하지 않으면 { $ms } ms 뒤 물러남
quorum-applied = { $offset }까지 적용
quorum-field-epoch = epoch
quorum-field-leader = leaderId
quorum-field-voted = votedId
quorum-field-log = 로그
quorum-field-hw = high watermark
quorum-unacknowledged = 물러난 것을 아직 모르는 voter: { $who }
quorum-pre-votes = pre-vote
quorum-votes-of = 투표
quorum-replicas = 이 리더가 아는 다른 로그의 위치
quorum-voter = voter
quorum-observer = observer
quorum-is-observer = 로그는 가지고 있지만 투표하지 않는 observer입니다. kafka-metadata-quorum add-controller로 voter가 됩니다.
quorum-fetched = 마지막 fetch
quorum-caught-up = 따라잡은 시각
quorum-waiting = 여기서 대기하는 요청
quorum-waits-committed = { $who }의 { $api } 응답: 로그가 { $offset }까지 커밋되면 전송
quorum-waits-records = { $who }의 { $api }: 오프셋 { $offset }부터의 레코드나 새 high watermark를 기다림

## 요청 파이프라인

pipeline-listener = 리스너
pipeline-listener-broker = 클라이언트와 팔로워
pipeline-listener-controller = 컨트롤러
pipeline-down = 이 프로세스는 실행 중이 아니거나 이 리스너가 없습니다.
pipeline-connections = 연결
pipeline-processors = 네트워크 스레드
pipeline-request-queue = 요청 큐
pipeline-handlers = 핸들러 스레드
pipeline-remote = Purgatory
pipeline-responses = 응답 큐
pipeline-connection-count = 연결 { $count }개, mute { $muted }개
pipeline-muted = mute
pipeline-muted-until = 쿼터 때문에 { $at } ms까지 mute
pipeline-quotas = 클라이언트 쿼터
pipeline-quota-bytes = { $rate } / { $bound } bytes/s
pipeline-quota-time = { $rate } / { $bound } %
pipeline-quota-tokens = 남은 토큰 { $rate }개, 초당 { $bound }개 충전
pipeline-throttled-until = { $at } ms까지 스로틀링
pipeline-encrypted = TLS
pipeline-zero-copy = 보낸 레코드: { $bytes }바이트 제로카피(sendfile)
pipeline-copied = { $bytes }바이트 암호화: { $copies }번에 { $copied }바이트 복사
pipeline-unread = 읽지 않은 요청 { $count }개
pipeline-idle = 유휴
pipeline-mean = 평균 { $ms } ms
pipeline-busy = { $all }개 중 { $busy }개 사용 중
pipeline-waiting = 조건이 충족되기를 기다리는 요청 { $count }개
pipeline-queue-full = 큐가 가득 찼습니다. 네트워크 스레드가 빈자리를 기다리며 아무것도 읽지 않습니다.
pipeline-follow = { $request } 따라가기
pipeline-costs = 각 단계의 비용
pipeline-costs-text = 처음에는 어느 단계도 시간이 걸리지 않습니다. 단계마다 걸리는 시간을 밀리초로 정하거나 스레드 풀의 크기를 바꾸면 요청이 어디에서 기다리는지 보입니다.
pipeline-controller-free = 컨트롤러 리스너의 각 단계는 시간이 걸리지 않습니다.
pipeline-under-way = 처리 중인 요청
pipeline-nothing-under-way = 이 리스너에서 처리 중인 요청이 없습니다.
pipeline-answered = 응답한 요청: { $count }개
pipeline-answered-at = { $at } ms에 응답, TotalTimeMs { $ms }

## 속성 파일

config-files = server.properties로 만들기
config-files-text = 노드마다 server.properties를 붙여 넣거나 파일을 끌어다 놓으십시오. 잘못된 것은 Kafka 4.3의 메시지와 함께 해당 줄에 표시합니다.
config-file-name = 이름
config-file-text = { $name } 내용
config-add = 노드 추가
config-open = 파일 열기 …
config-remove = { $name } 빼기
config-of-run = 지금 클러스터의 파일
config-save = { $name } 저장
config-with-clients = orders 토픽, 프로듀서, 컨슈머도 만들기
config-build = 이 클러스터 만들기
config-line = { $line }번째 줄
config-whole = 파일 전체
config-kafka-says = Kafka 4.3의 메시지
config-count = 잘못된 곳 { $mistakes }개, 주의 { $warnings }개

## 레슨의 측정

measure-fill = 측정하기
measure-again = 다시 측정하기
measure-running = 측정하는 중…
measure-figure = { $number }
measure-voters = voter 수
measure-needed = 리더에 필요한 수
measure-tolerated = 잃어도 되는 수
measure-partitions = 파티션 수
measure-moved = 옮긴 리더 수
measure-controller-ms = 새 컨트롤러까지(ms)
measure-first-leader-ms = 첫 새 리더까지(ms)
measure-last-leader-ms = 마지막 새 리더까지(ms)
measure-kraft-messages = KRaft: 리더의 초당 메시지 수
measure-kraft-noticed-ms = KRaft: 리더 장애를 알기까지(ms)
measure-kraft-leader-ms = KRaft: 새 리더까지(ms)
measure-textbook-messages = 교과서: 리더의 초당 메시지 수
measure-textbook-noticed-ms = 교과서: 리더 장애를 알기까지(ms)
measure-textbook-leader-ms = 교과서: 새 리더까지(ms)

## 메트릭 표

metrics-mark = 여기서부터 비교
metrics-since = 이전: { $at } ms 시점
metrics-since-last = 이전: 바로 앞 표본
metrics-of-client = 지난 1분 동안 요청을 보내고 응답을 받기까지 걸린 시간입니다. 프로듀서는 Produce, 컨슈머는 Fetch의 시간입니다. 가져올 것이 없는 fetch는 fetch.max.wait.ms만큼 기다립니다.
metrics-requests = 요청
metrics-throughput = 처리량
metrics-replication = 복제
metrics-controller = 컨트롤러

## 프리셋

preset-first-minute = 첫 1분
preset-first-minute-text = 브로커 셋, 파티션 하나. 레코드 하나를 프로듀서에서 오프셋 커밋까지 따라갑니다.
preset-acks-one = acks=1
preset-acks-one-text = 같은 클러스터에서, 리더가 받자마자 응답합니다.
preset-six-brokers = 브로커 여섯
preset-six-brokers-text = 파티션 여섯, 프로듀서 둘, 컨슈머 셋, 랙 셋.
preset-three-controllers = 컨트롤러 셋
preset-three-controllers-text = voter 셋의 쿼럼이 메타데이터 로그를 맡습니다. 리더를 다운시키고 ‘쿼럼’ 탭에서 선출 과정을 살펴보세요.
preset-textbook-raft = 교과서의 Raft
preset-textbook-raft-text = 같은 컨트롤러 셋에 raft=textbook 설정을 더했습니다. Raft 논문처럼 리더가 하트비트를 보냅니다. Kafka의 방식은 아니니 둘을 비교해 보세요.
preset-min-insync-two = min.insync.replicas=2
preset-min-insync-two-text = 파티션 셋, 컨슈머 둘. 브로커를 다운시키며 언제 쓰기가 거절되는지 보세요.

## 쿼럼에서의 역할

role-unattached = epoch는 알지만 리더는 모르며, 선출 제한 시간이 끝나기를 기다립니다.
role-prospective = 선출될 가능성이 있는지 묻고 있습니다. 응답에는 구속력이 없고 epoch도 그대로입니다(KIP-996).
role-candidate = epoch를 올리고 자신에게 투표한 뒤 다른 voter에게 표를 요청합니다.
role-leader = 메타데이터 로그에 추가합니다. 과반수가 fetch한 레코드는 커밋됩니다.
role-follower = 브로커와 마찬가지로 리더에게서 fetch합니다.
role-resigned = 리더였으나 물러났습니다. 다른 voter가 제한 시간을 기다리지 않도록 알립니다.

## 성능 테스트

perf-test = 프로듀서 성능 테스트
perf-test-start = 테스트 시작
perf-test-records = 레코드 수
perf-test-throughput = 초당 레코드 수
perf-test-size = 값의 바이트 수
perf-test-keys = 돌아가며 쓸 키의 수(0이면 키 없음)
perf-test-progress = 초당 { $throughput }건으로 { $records }건 중 { $sent }건을 넘겼습니다.

## 설정 패널

settings-text = 엔진이 아는 모든 설정입니다. 토픽, 브로커, 그룹의 변경은 관리자가 보내는 IncrementalAlterConfigs로 클러스터에 전달됩니다. ‘앞으로’를 눌러 요청을 움직이세요.
settings-filter = 이름과 뜻에서 찾기
settings-acting = 여기서 작동하는 설정만
settings-count = 설정 { $all }개 중 { $count }개
setting-type = 타입
setting-default = 기본값
setting-values = 가능한 값
setting-ours = Kafkascope의 설정
setting-read-only = 실행 중인 프로세스에는 바꿔도 적용되지 않습니다.
setting-new-value = { $name }의 새 값
setting-set = 바꾸기
setting-on-its-way = 요청했습니다. 클러스터가 응답하면 적용됩니다. ‘앞으로’를 누르세요.
setting-refused = 클러스터가 거절했습니다: { $told }

## 메트릭 하나

metric-was = 이전
metric-now = 현재
metric-course = 추이
metric-plot = { $name } 그래프 보기
metric-plot-said = { $name }: 현재 { $now }, 최대 { $top }
metric-at = { $at } ms에 { $value }. 누르면 그 시점으로 갑니다.
metric-from = { $at } ms
metric-to = { $at } ms
metric-top = 최대: { $top }

## 설정의 출처

source-topic = 이 토픽에 설정됨
source-dynamic-broker = 실행 중에 이 브로커에 설정됨
source-dynamic-default-broker = 실행 중에 모든 브로커에 설정됨
source-static-broker = 브로커를 시작할 때 설정됨
source-default = 기본값
source-group = 이 그룹에 설정됨
source-client = 이 클라이언트에 설정됨
source-simulation = 시뮬레이션의 설정

## 범례

legend-leads = 파티션의 리더
legend-elected = 선출되었거나 물러났지만 아직 모르는 브로커
legend-epochs = 오프셋. 색은 기록될 때의 leader epoch
legend-epoch-name = leader epoch 0이 시작하는 곳
legend-changed = 이 스텝에서 바뀐 것
legend-hw = high watermark: 이 앞은 모두 커밋됨
legend-leo = log end offset: 다음 레코드가 들어갈 곳
legend-isr = ISR에 있음
legend-isr-leaves = 리더가 ISR에서 빼 달라고 요청한 브로커
legend-isr-enters = 리더가 ISR에 넣어 달라고 요청한 브로커
legend-position = 컨슈머 1의 position
legend-committed = 컨슈머 1의 커밋된 오프셋(position보다 뒤일 때)
legend-request = 가고 있는 요청
legend-answer = 가고 있는 응답
legend-next = 다음에 도착할 메시지
legend-broken = 연결이 끊겼다는 소식
legend-link = 링크. 동그란 손잡이를 누르면 할 수 있는 일이 열림
legend-trail = 방금 지나온 길
legend-cut = 끊긴 링크
legend-paused = 멈춰 있는 프로세스
legend-slow-disk = 느린 디스크
legend-down = 다운된 프로세스

## 명령이 아무 일도 하지 못한 이유

error-no-such-node = 노드 { $node }{ JOSA($node, "은/는") } 없습니다.
error-no-such-producer = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 없습니다.
error-no-such-consumer = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 없습니다.
error-no-such-event = 이벤트 { $event }{ JOSA($event, "은/는") } 대기 중이 아닙니다. 이미 일어났거나 버려졌습니다.
error-behind-on-its-connection = 이벤트 { $event }{ JOSA($event, "은/는") } 아직 일어날 수 없습니다. 같은 연결에서 먼저 보낸 것이 아직 도착하지 않았고, 한 연결에서는 아무것도 앞지르지 못합니다.
error-not-an-envelope = 이벤트 { $event }{ JOSA($event, "은/는") } 전송 중인 메시지가 아닙니다. 버리거나 지연시키거나 복제할 수 있는 것은 메시지뿐입니다.
error-already-running = 노드 { $node }{ JOSA($node, "은/는") } 이미 실행 중입니다.
error-not-running = 노드 { $node }{ JOSA($node, "은/는") } 실행 중이 아닙니다. 먼저 시작하세요.
error-not-paused = 노드 { $node }{ JOSA($node, "은/는") } 일시 정지 상태가 아닙니다.
error-already-cut = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가는 링크는 이미 끊겨 있습니다.
error-not-cut = { $from }에서 { $to }{ JOSA($to, "으로/로") } 가는 링크는 끊겨 있지 않습니다.
error-same-endpoint = { $actor }{ JOSA($actor, "을/를") } 자기 자신과 끊을 수는 없습니다.
error-bad-record = 이 레코드는 보낼 수 없습니다: { $reason }
error-no-such-setting = 여기에는 { $name } 설정이 없습니다.
error-bad-value = { $name }에는 { $value } 값을 쓸 수 없습니다. 쓸 수 있는 값: { $expected }
error-invalid-config = Kafka가 거절했습니다: { $message }
error-request-unknown-field = { $at }: 요청의 이 자리에는 { $field } 필드가 없습니다. 쓸 수 있는 필드: { $expected }
error-request-not-in-version = { $at }: 이 요청의 버전 { $version }에는 { $field } 필드가 없습니다. 필드를 빼거나 이 필드가 있는 버전으로 보내세요.
error-request-missing-field = { $at } 필드가 없습니다. 기본값이 없어서 반드시 써야 합니다.
error-request-wrong-type = { $at } 값이 { $found ->
    [null] null
    [boolean] 불리언
    [integer] 정수
    [fraction] 정수가 아닌 숫자
    [string] 문자열
    [array] 배열
   *[object] 객체
 }입니다. { $expected ->
    [null] null
    [boolean] 불리언
    [integer] 정수
    [fraction] 숫자
    [string] 문자열
    [array] 배열
   *[object] 객체
 } 타입이어야 합니다.
error-request-out-of-range = { $at } 값은 { $found }일 수 없습니다. 이 타입의 범위는 { $min } 이상 { $max } 이하입니다.
error-request-unknown-value = { $at } 값은 { $found }일 수 없습니다. 쓸 수 있는 값: { $expected }
error-request-malformed = { $at } 값 { $found }{ JOSA($found, "은/는") } 올바른 { $expected ->
    [uuid] UUID(패딩 없는 URL-safe base64로 쓴 16바이트)
    [base64] base64
   *[hexadecimal] 16진수(바이트마다 두 자리)
 } 형식이 아닙니다.
error-nothing-to-commit = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 아직 읽은 것이 없어 커밋할 것도 없습니다.
error-nothing-to-process = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 처리하지 않고 갖고 있는 레코드가 없습니다.
error-not-assigned = 컨슈머 { $consumer }에는 파티션 { $partition }{ JOSA($partition, "이/가") } 할당되어 있지 않습니다.
error-negative-offset = 오프셋 { $offset }에는 seek할 수 없습니다. 오프셋은 음수일 수 없습니다.
error-mutually-exclusive-subscription = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 이미 다른 방법으로 읽고 있습니다. 토픽, 패턴, 직접 할당은 unsubscribe()를 호출하기 전에는 함께 쓸 수 없습니다.
error-empty-subscription = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 빈 이름이나 빈 패턴을 구독할 수 없습니다.
error-bad-pattern = { $pattern }{ JOSA($pattern, "은/는") } 패턴으로 읽을 수 없습니다: { $reason }.
error-not-subscribed = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 구독한 토픽도 할당된 파티션도 없습니다. poll을 호출하면 IllegalStateException이 발생합니다.
error-consumer-not-running = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 다운된 상태입니다. 먼저 시작하세요.
error-consumer-running = 컨슈머 { $consumer }{ JOSA($consumer, "은/는") } 이미 실행 중입니다.
error-processes-by-itself = 컨슈머 { $consumer }의 애플리케이션은 레코드를 스스로 처리합니다.
error-not-transactional = 프로듀서 { $producer }에는 transactional.id가 없어 트랜잭션도 없습니다.
error-invalid-transaction-state = 프로듀서 { $producer }의 트랜잭션이 { $state } 상태라 { $call }()을 호출할 수 없습니다.
error-transaction-call-timed-out = 프로듀서 { $producer }의 이전 { $previous }() 호출이 시간 초과로 끝났습니다. { $call }()을 호출하려면 먼저 { $previous }()을 다시 호출해야 합니다.
error-producer-of-application = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 컨슈머 { $consumer }의 애플리케이션에 속해 있고, 트랜잭션은 그 애플리케이션이 직접 다룹니다.
error-producer-not-running = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 다운된 상태입니다. 먼저 시작하세요.
error-no-binary-form = 이 바이트는 { $api } 요청이며, 여기서는 헤더만 읽습니다. 필드로 작성해 보내세요.
error-probe-in-use = probe { $probe }{ JOSA($probe, "은/는") } 이미 무언가를 보냈습니다. 바이트는 새 연결로 보내므로 다른 probe를 쓰세요.
error-connection-not-open = probe { $probe }에는 바이트로 연 연결 중 열려 있는 것이 없습니다.
error-request-unfinished = probe { $probe }의 연결에 마지막으로 보낸 바이트가 요청의 일부입니다. 이 연결로 다른 요청을 이어 보낼 수 없습니다.
error-producer-running = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 이미 실행 중입니다.
error-producer-closing = 프로듀서 { $producer }{ JOSA($producer, "은/는") } 이미 닫혔습니다. 더는 아무것도 할 수 없습니다.
error-fixed-setting = { $name }{ JOSA($name, "은/는") } 클라이언트를 만들 때만 읽는 설정이라 나중에 바꿀 수 없습니다.
error-already-stopping = 노드 { $node }{ JOSA($node, "은/는") } 이미 종료 중입니다.
error-nothing-pending = 예정된 이벤트가 더 없습니다.
error-limit-reached = 시뮬레이션의 한도 { $limit }에 이르렀습니다({ $what }).
not-opened-bad-json = 실행이 아닙니다. { $line }행 { $column }열: { $reason }
not-opened-bad-link = 이 링크는 읽을 수 없습니다: { $reason }
not-opened-wrong-version = 이 실행은 형식 버전 { $found }{ JOSA($found, "으로/로") } 저장되었습니다. 이 페이지는 버전 { $supported }{ JOSA($supported, "을/를") } 읽습니다.
not-opened-too-large = 이 실행은 너무 큽니다. 최대 { $limit }({ $what })까지 열 수 있습니다.
not-opened-bad-config = 이 실행의 클러스터는 만들 수 없습니다.
not-opened-commands-out-of-order = 이 실행의 명령 { $index }(위치 { $at })의 순서가 바로 앞 명령보다 앞섭니다.
not-opened-command-refused = 이 실행의 명령 { $index }(위치 { $at })이 거절되었습니다.
not-opened-no-broker = { $at }: 브로커가 없습니다.
not-opened-no-controller = { $at }: 컨트롤러가 없습니다.
not-opened-duplicate-node = { $at }: 두 노드의 id가 모두 { $node }입니다.
not-opened-out-of-range = { $at } 값은 { $value }일 수 없습니다. { $min } 이상 { $max } 이하만 쓸 수 있습니다.
not-opened-unknown-setting = { $at }: { $name } 설정이 없습니다.
not-opened-wrong-value = { $at }: { $name } 값은 { $value }일 수 없습니다. 쓸 수 있는 값: { $expected }
not-opened-invalid-config = { $at }: Kafka가 거절합니다: { $message }
not-opened-bad-topic-name = { $at }: { $name }{ JOSA($name, "은/는") } 올바른 토픽 이름이 아니거나 이미 있는 이름입니다.
not-opened-too-few-brokers = { $at }: replica { $wanted }개가 필요하지만 브로커는 { $brokers }개입니다.
not-opened-unknown-topic = { $at }: { $name } 토픽이 없습니다.
not-opened-mutually-exclusive-subscription = { $at }: 컨슈머는 토픽, 패턴, 할당할 파티션 가운데 하나로만 시작할 수 있습니다.
not-opened-empty-subscription = { $at } 값이 비어 있습니다.
not-opened-bad-pattern = { $at }: { $pattern }{ JOSA($pattern, "은/는") } 패턴으로 읽을 수 없습니다: { $reason }
not-opened-never-rests = { $at }: 클러스터가 안정되지 않습니다. 이유를 보려면 "start": "cold"로 시작하십시오.

## 레슨의 답

answer-number = { $number }
answer-broker = 브로커 { $node }
answer-brokers = { $nodes }
answer-text = “{ $text }”
answer-controller = 컨트롤러 { $node }
answer-probe = probe { $number }
answer-word = { $word }
answer-nobody = 없음
answer-nothing = 아무것도 없음

## 레슨의 동작을 할 수 없는 이유

lesson-stuck-refused = 클러스터가 명령을 거절했습니다.
lesson-stuck-no-such-envelope = 가리킨 메시지가 지금 전송 중이 아니거나, 타이머가 걸려 있지 않습니다.
lesson-stuck-nothing-printed = “{ $line }”만으로는 아무것도 출력되지 않습니다. 요청을 보내는 명령이거나, 도구의 명령이 아닙니다.
lesson-stuck-not-reached = 가상 시간 { $withinMs } ms 안에 일어나지 않았습니다.
lesson-stuck-at-an-end = 예정된 이벤트가 더 없습니다.
