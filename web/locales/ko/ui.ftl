# 페이지 자신의 말. 엔진의 말은 engine.ftl에 있습니다.

## 틀

intro = 브라우저 안에서 돌아가는 온전한 Kafka 클러스터입니다. 이벤트를 하나씩 앞뒤로 넘겨 볼 수 있습니다.
intro-do = ‘앞으로’나 → 키를 눌러, 레코드 하나가 오프셋 커밋에 이르기까지 따라가 보세요.
cluster-line = KRaft · 브로커 { $brokers }대 · 시드 { $seed }
lessons = 레슨
new-cluster = 새 클러스터
files = 파일
share = 공유
views = 보기
tab-cluster = 클러스터
tab-log = 로그
tab-producer = 프로듀서
tab-groups = 그룹
tab-transactions = 트랜잭션
tab-quorum = 쿼럼
tab-pipeline = 파이프라인
tab-metrics = 메트릭
place-socket = 소켓
place-request-queue = 요청 큐
place-handler = 핸들러 스레드
place-remote = Purgatory
place-response-queue = 응답 큐
place-sending = 전송
processor-reads = { $from }의 { $api } 읽는 중
processor-blocked = 빈자리 대기 중: { $from }의 { $api }
processor-sends = { $to }에 보내는 중
processor-connections = 연결 { $count }개
connection-data = 레코드와 메타데이터
connection-coordinator = 그룹 코디네이터
connection-heartbeat = 하트비트
connection-controller-registration = 등록
connection-alter-partition = ISR 변경
connection-transaction-markers = 트랜잭션 마커
connection-transaction-verification = 트랜잭션 확인
connection-forwarding = 전달하는 요청
connection-quorum = 메타데이터 로그
metric = 메트릭
tab-partitioning = 파티셔닝
tab-settings = 설정
tab-lab = 요청 실험실
close = 닫기
more = 할 수 있는 모든 것
skip-to-forward = ‘앞으로’ 버튼으로 이동
becomes = 이제
dismiss = 닫기
link-copied = 이 스텝을 여는 링크를 복사했습니다.
link-in-address = 링크는 주소창에 있습니다. 거기서 복사하세요.
no-producer = 이 클러스터에는 프로듀서가 없습니다.
crashed-title = 페이지에 문제가 생겼습니다.

## 조작

transport = 조작
back = ◀ 뒤로
forward = 앞으로 ▶
play = 재생
pause = 일시 정지
size-micro = micro
size-message = message
size-milestone = milestone
step-size = 한 번에 나아가는 크기
speed = 재생 속도
step = 스텝
scrubber = 실행 안의 위치
scrubber-value = { $of }개 중 { $step }번째 스텝
next-change = 다음 변화로
next-change-told = { $after }: { $what }
next-change-looking = 앞을 살펴보는 중…
next-change-nothing = 가상 시간 { $seconds }초 안에 새로운 일 없음
next-change-recorded = 전에 여기서 한 일
nothing-ahead = 앞으로 새로운 일이 없습니다. 레코드를 보내거나, 설정을 바꾸거나, 장애를 일으켜 보세요.
lane-commands = 내가 한 일
lane-faults = 장애
lane-leaders = ISR, 리더
lane-high-watermarks = HW
lane-clients = 클라이언트
marks-more = 그 밖에 { $count }개
branches = 이 실행의 갈래
branch-first = { $number } · 처음의 실행
branch-name = { $number } · 스텝 { $step }: { $what }
runs = 실행 목록
runs-text = 연 것은 모두 여기에 남습니다. 갈래는 과거로 돌아가 무언가를 한 곳에서 시작됩니다.
run-line = 브로커 { $brokers }개, 스텝 { $step }
run-first = 첫 화면
run-own = 직접 만든 클러스터
run-opened = 링크나 파일에서 연 실행
nothing-to-undo = 되돌릴 것이 없습니다.
nothing-to-redo = 다시 실행할 것이 없습니다.
work = { $of }개 중 { $made }개 스텝
work-label = 진행 정도
work-stop = 여기서 그만

## 무슨 일이, 왜, 다음은

what = 무슨 일이, 왜 일어났나요?
happened = 무슨 일이 일어났나요?
at-start = 아직 아무 일도 일어나지 않았습니다.
changed = 무엇이 바뀌었나요?
why = 왜 아직 일어나지 않았나요?
this-step = 이 스텝
wait-told = { $time } 동안 새로운 일이 없었습니다. 그 사이: { $counts }.
passed-told = 그 사이 { $time } 동안: { $counts }
passed-unfold = 이 { $steps }개 스텝에서 일어난 일 보기
passed-more = 그 밖에 { $count }개는 모든 스텝의 목록에 있습니다
took-ms = { $ms } ms
took-seconds = { $seconds }초
routine-connection-refused = 연결 거절 { $count }회
routine-peer-gone = 연결 닫힘 { $count }회
routine-retry = 재시도 { $count }회
routine-request-timeout = 요청 시간 초과 { $count }회
routine-held = 대기 { $count }회
routine-empty-fetch = 빈 fetch { $count }회
routine-empty-metadata-fetch = 빈 메타데이터 fetch { $count }회
routine-heartbeat = 하트비트 { $count }회
routine-election-attempt = 선출 시도 { $count }회
routine-upkeep = 백그라운드 작업 { $count }회
routine-perf-test = 성능 테스트의 전송 { $count }회
routine-none = 그 밖의 이벤트 { $count }회
idle = 한동안 하트비트와 빈 fetch만 오갔습니다. 클러스터가 쉬고 있습니다. 레코드를 보내거나, 설정을 바꾸거나, 장애를 일으키면 “message” 크기의 스텝이 다시 나옵니다.
idle-unfinished = 한동안 하트비트와 빈 fetch만 오갔지만 클러스터가 쉬고 있는 것은 아닙니다({ $what }). 이를 복구하거나, 더 작은 크기의 스텝으로 제한 시간이 지날 때까지 진행해 보세요.
unfinished-cut-links = 끊긴 링크 방향 { $what }개
unfinished-held-messages = 끊긴 링크에서 대기 중인 메시지 { $what }개
unfinished-nodes = 실행 중이 아닌 노드 { $what }
unfinished-waiting-requests = purgatory에서 기다리는 요청 { $what }개
unfinished-unsent-records = ack를 받지 못한 프로듀서의 레코드나 배치 { $what }개
recorded = 이 실행에 기록됨
next-more = { $count }개 더 보기
nothing-pending = 예정된 이벤트가 더 없습니다.
deliver-next = 이것부터 전달
do-next = 이것부터 실행
open-message = 메시지 열기
drop = 버리기
delay = +{ $ms } ms
duplicate = 복제
behind-on-its-connection = 같은 연결에서 먼저 보낸 것이 먼저 도착해야 합니다.
answer-to = { $api } 응답
tour-done = 여정이 끝났습니다
tour-done-text = 레코드가 모든 로그에 들어갔고, ack를 받았고, 컨슈머가 읽었고, 오프셋까지 커밋되었습니다. 이제 무엇이 궁금한가요?
follow-up-crash-leader = 두 번째 fetch 전에 리더가 다운되면 어떻게 되나요?
follow-up-acks-one = acks=1이면 무엇이 달라지나요?
follow-up-not-earlier = 컨슈머는 왜 더 일찍 보지 못했나요?
follow-up-impossible = 이 실행에는 그런 순간이 없습니다.
ran-crash-leader = 두 번째 fetch 직전으로 돌아가 리더를 강제 종료했습니다. 앞으로 넘기며 누가 리더를 이어받는지 보세요.
ran-acks-one = 같은 클러스터, acks=1입니다. 프로듀서가 언제 응답을 받는지 보세요.
ran-not-earlier = 첫 번째 팔로워가 레코드를 가졌음이 막 증명되었습니다. 컨슈머가 무엇을 기다리는지 ‘이유’ 탭을 보세요.

## 오른쪽 탭

side-tabs = 이 스텝 더 알아보기
side-why = 이유
side-cause = 원인
side-next = 다음
side-steps = 전체 스텝
why-nothing = 지금은 기다리는 것이 없습니다. high watermark도, ack도, 컨슈머도 밀려 있지 않습니다.
cause-none = 이 실행 안에는 이 스텝의 원인이 없습니다. 클러스터가 시작될 때 예정된 일입니다.
your-command = 내가 내린 명령
causes-between = 사이의 스텝 { $count }개
steps-count = 스텝 { $all }개 중 { $count }개
steps-searching = 아직 찾아볼 스텝: { $left }개
steps-filter = 찾을 말
steps-kind = 스텝의 종류
steps-actor = 누가 한 일
steps-any-actor = 누구든
steps-any-partition = 모든 파티션
steps-micro = 모든 이벤트
steps-message = message 이상
steps-milestone = milestone
steps-commands = 내가 내린 명령
steps-faults = 장애
steps-elections = 리더
steps-losses = 잘리거나 지워진 레코드
steps-isr = ISR
steps-high-watermark = high watermark
steps-acknowledged = ack
steps-read = 읽힌 레코드
steps-offset-committed = 오프셋 커밋
steps-commit-acknowledged = 커밋 응답
steps-other = 그 밖의 milestone

## 앞으로 일어날 일

duration-ms = { $ms } ms
duration-seconds = { $seconds }초
next-timers = 타이머 { $count }개
next-deliver = { $from }의 { $api } 요청이 { $to }에 도착합니다
next-deliver-answer = { $from }의 { $api } 응답이 { $to }에 도착합니다
next-close = { $to }{ JOSA($to, "이/가") } { $from }{ JOSA($from, "과/와") } 맺은 연결이 닫혔음을 알게 됩니다
next-deliver-bytes = { $from }의 { $count }바이트가 { $to }에 도착합니다
next-poll = { $actor }의 네트워크 스레드가 읽을 바이트와 유휴 연결이 있는지 살펴봅니다
next-handle = { $node }{ JOSA($node, "이/가") } { $from }의 { $api } 요청을 처리합니다
next-handler-done = { $node }의 핸들러 스레드가 { $from }의 { $api } 처리를 마칩니다
next-processor = { $actor }의 네트워크 스레드가 읽기나 보내기를 마칩니다
next-disk = { $actor }의 디스크가 맨 먼저 받은 쓰기를 끝냅니다
next-connection-setup = { $actor }{ JOSA($actor, "이/가") } { $who }{ JOSA($who, "과/와") } 연결되기를 더 기다리지 않습니다
next-throttle = 쿼터 때문에 { $who }에 걸린 스로틀링이 끝나 { $actor }{ JOSA($actor, "이/가") } 이 연결에서 다시 읽습니다
next-send = { $actor }{ JOSA($actor, "이/가") } 미뤄 둔 { $api } 요청을 { $who }에 보냅니다
next-handler = { $actor }의 핸들러 스레드가 처리할 요청을 찾습니다
next-idle-connections = { $actor }{ JOSA($actor, "이/가") } connections.max.idle.ms 동안 아무것도 오가지 않은 연결을 찾습니다
next-request-timeout = { $actor }{ JOSA($actor, "이/가") } 응답을 기다리던 요청 중 시간이 다 된 것을 찾습니다
next-registration-timeout = { $actor }{ JOSA($actor, "이/가") } 등록을 포기하고 프로세스를 종료합니다
next-broker-heartbeat = { $actor }{ JOSA($actor, "이/가") } 컨트롤러에 자기 상태를 알립니다
next-metadata-fetch = { $actor }{ JOSA($actor, "이/가") } 메타데이터 로그를 다시 fetch합니다
next-replica-fetch = { $actor }{ JOSA($actor, "이/가") } { $who }에서 다시 fetch합니다
next-isr-expiration = { $actor }{ JOSA($actor, "이/가") } 뒤처진 팔로워가 있는지 살펴봅니다
next-alter-partition = { $actor }{ JOSA($actor, "이/가") } 바꾸려는 ISR을 다시 제안합니다
next-high-watermark-checkpoint = { $actor }{ JOSA($actor, "이/가") } high watermark를 디스크에 적습니다
next-log-cleanup = { $actor }{ JOSA($actor, "이/가") } 로그를 관리합니다(retention, compaction, 체크포인트)
next-purgatory = { $actor }에서 기다리는 { $who }의 { $api } 요청이 대기 한도에 이릅니다
next-purgatory-waited = { $actor }에서 기다리는 { $who }의 { $api } 요청이 { $ms } ms를 채웁니다
next-forward-retry = { $actor }{ JOSA($actor, "이/가") } 컨트롤러에 요청을 다시 전달해 봅니다
next-transaction-abort = { $actor }{ JOSA($actor, "이/가") } 너무 오래 열려 있는 트랜잭션이 있는지 확인합니다
next-transactional-id-expiration = { $actor }{ JOSA($actor, "이/가") } 쓰이지 않는 transactional id가 있는지 확인합니다
next-transaction-markers = { $actor }{ JOSA($actor, "이/가") } 기록되지 않은 마커를 다시 보냅니다
next-add-partitions-to-txn-retry = { $actor }{ JOSA($actor, "이/가") } 트랜잭션 코디네이터에게 다시 묻습니다
next-group-join = 그룹 { $group }의 join 단계가 끝납니다
next-group-session = 그 전에 소식이 없으면 그룹 { $group }의 멤버 { $member } 세션이 끝납니다
next-group-rebalance = 그룹 { $group }의 멤버 { $member } 파티션 반납 기한이 끝납니다
next-group-member-join = 그룹 { $group }의 멤버 { $member } 재참여 기한이 끝납니다
next-group-member-sync = 그룹 { $group }의 멤버 { $member } sync 기한이 끝납니다
next-group-regex = { $actor }{ JOSA($actor, "이/가") } 그룹 { $group }의 구독 정규 표현식을 해석합니다
next-offsets-expiration = { $actor }{ JOSA($actor, "이/가") } 만료된 오프셋을 찾습니다
next-controller-sessions = { $actor }{ JOSA($actor, "이/가") } 세션이 만료된 브로커를 찾습니다
next-controller-balance = { $actor }{ JOSA($actor, "이/가") } 선호 리더가 이끌지 않는 파티션을 찾습니다
next-controller-unclean = { $actor }{ JOSA($actor, "이/가") } unclean 선출이 가능한, 리더 없는 파티션을 찾습니다
next-election-timeout = 그 전에 리더를 찾지 못하면 { $actor }{ JOSA($actor, "이/가") } 투표를 요청합니다
next-quorum-fetch-timeout = { $actor }{ JOSA($actor, "이/가") } 쿼럼 리더의 fetch 응답을 기다리는 한도에 이릅니다
next-check-quorum = { $actor }{ JOSA($actor, "이/가") } 과반이 아직 fetch하는지 살펴봅니다
next-begin-quorum-epoch = { $actor }{ JOSA($actor, "이/가") } fetch하지 않는 voter에게 누가 리더인지 알립니다
next-append-entries = { $actor }{ JOSA($actor, "이/가") } 다른 voter들에 하트비트를 보냅니다
next-quorum-retry = { $actor }{ JOSA($actor, "이/가") } 쿼럼의 노드에 다시 요청합니다
next-voter-change = { $actor }{ JOSA($actor, "이/가") } voter 변경을 더 기다리지 않습니다
next-snapshot-cleaning = { $actor }{ JOSA($actor, "이/가") } 삭제할 수 있는 메타데이터 로그 스냅샷이 있는지 확인합니다
next-controller-registration = { $actor }{ JOSA($actor, "이/가") } 그때까지 등록되지 않으면 등록을 다시 시도합니다
next-controller-shutdown = { $actor }{ JOSA($actor, "이/가") } 다른 리더를 더 기다리지 않고 종료합니다
next-producer-linger = { $actor }의 배치가 linger.ms를 채웁니다
next-perf-test = { $actor }의 성능 테스트가 다음 레코드를 넘깁니다
next-producer-retry = { $actor }{ JOSA($actor, "이/가") } 다시 시도합니다
next-client-metadata = { $actor }{ JOSA($actor, "이/가") } 메타데이터를 새로 받습니다
next-application = { $actor }의 애플리케이션이 다음 일을 합니다
next-consumer-poll = { $actor }{ JOSA($actor, "이/가") } poll하거나, 하던 일을 다시 시도합니다
next-consumer-heartbeat = { $actor }{ JOSA($actor, "이/가") } 그룹 하트비트를 보냅니다
next-consumer-auto-commit = { $actor }{ JOSA($actor, "이/가") } position을 자동으로 커밋합니다
next-admin-retry = 어드민 클라이언트가 다시 시도합니다

## 장면

scene = 클러스터
parties = 볼 대상
controllers-epoch = 컨트롤러 · epoch { $epoch }
controllers-none = 액티브 컨트롤러 없음
controller-label = 컨트롤러 { $id }
metadata-offset = 메타데이터 로그 { $offset }까지 커밋
producer-idle = 대기
producer-waiting = 배치에 { $count }건
producer-in-flight = 전송 중 { $count }건
producer-acknowledged = ack { $count }건
consumer-line = position { $position } · 커밋 { $committed }
consumer-many = 파티션 { $count }개 · { $read }건 읽음
consumer-unassigned = 할당 없음
consumer-down = 다운
rack = 랙 { $rack }
leader-epoch = 리더 · epoch { $epoch }
leader = 리더
leader-epoch-short = 리더 · e{ $epoch }
leader-deposed = 이전 리더 · epoch { $epoch }
follower = 팔로워
follower-elected = 선출됨, 아직 모름
follower-out-of-sync = 팔로워, ISR 밖
cell-removed = 오프셋 { $offset } · leader epoch { $epoch } · 이 스텝에서 잘려 나감
offline = 오프라인
folded = { $topic } · 파티션 { $count }개
on-broker = 브로커 { $node }의 { $what }
waits-for-hw = purgatory: { $who }의 { $api }, HW { $offset }까지 대기
waits-for-hw-short = { $who }의 { $api }, HW { $offset } 대기
waits-in-line = purgatory: fetch { $count }건 대기 ({ $who })
request-queue = 요청 큐: { $count }건
state-running = 실행 중
state-starting = 시작 중
state-fenced = fenced
state-stopping = 종료 중
state-paused = 일시 정지
state-down = 다운
state-puppet = 손으로 조작
envelope-gone = 이 메시지는 도착했거나 사라졌습니다
replica-label = 브로커 { $node }의 { $partition }: { $role }, LEO { $end }, HW { $hw }
reader-title = { $who }: position { $position }, 커밋 { $committed }
follower-elected-short = 선출됨
follower-out-of-sync-short = ISR 밖
actions-of = { $who }: 할 수 있는 일
disk-is-slow = 느린 디스크: 쓰기 한 번에 { $ms } ms
purgatory-count = purgatory에서 요청 { $count }개 대기 중
by-hand = 직접 보낸 요청
message-closes-connection = 연결 종료
message-raw-bytes = 원시 바이트 { $count }개
request-waits = { $who }의 요청, 브로커에서 대기 중
selection-open = 열기
selection-clear = 선택 해제 (Esc)
zoom = 장면 크기
zoom-in = 확대
zoom-out = 축소
zoom-fit = 전체 보기
legend = 범례

## 할 수 있는 일

start-node = 시작
crash-process = 프로세스 강제 종료
crash-machine = 머신 전원 차단
stop-node = 정상 종료
pause-node = 일시 정지
resume-node = 재개
start-means = 프로세스가 시작되어 로그를 읽고 등록합니다.
crash-process-means = kill -9와 같습니다. 프로세스는 사라져도 쓴 내용은 page cache에 남습니다.
crash-machine-means = 전원이 나갑니다. 디스크에 flush되지 않은 것은 모두 사라지고, 아무에게도 알려지지 않습니다. 다른 쪽은 시간 초과가 되어야 알 수 있습니다.
stop-means = SIGTERM입니다. 브로커가 맡은 리더를 모두 넘긴 뒤 종료합니다.
stop-controller-means = SIGTERM입니다. 하던 일을 마치고 종료합니다.
pause-means = 긴 GC와 같습니다. 아무 일도 하지 않고, 그런 줄도 모릅니다.
slow-disk = 디스크 느리게
slow-disk-means = 이제부터 쓸 때마다 500 ms가 걸립니다. 복제받은 레코드와 받은 요청이 차례로 디스크를 기다립니다.
quick-disk = 디스크 다시 빠르게
quick-disk-means = 쓰기에 더는 시간이 걸리지 않습니다.
resume-means = 정지하기 전에 알던 것이 아무리 오래되었어도 그대로 믿고 이어 갑니다.
poll = 한 번 poll
commit = position 커밋
process = 갖고 있는 레코드 처리
crash-consumer = 프로세스 강제 종료
close-consumer = 닫기
consumer-partitions = 맡은 파티션
consumer-subscription = 읽는 대상
seek = 다음에 읽을 오프셋입니다. 값을 바꾸면 seek합니다.
seek-to-beginning = seekToBeginning()
seek-to-end = seekToEnd()
pause-partition = pause()
resume-partition = resume()
subscription-way = 방법
subscription-to = 대상
subscribe-topics = 토픽을 subscribe()
subscribe-pattern = 패턴을 subscribe()
assign-partitions = 파티션을 assign()
consumers-read = 컨슈머가 읽는 방법
consumers-pattern = 토픽 이름 패턴
subscribe = 호출
unsubscribe = unsubscribe()
start-consumer = 시작
crash-producer = 프로세스 강제 종료
close-producer = 닫기
start-producer = 시작
init-transactions = initTransactions()
begin-transaction = beginTransaction()
commit-transaction = commitTransaction()
abort-transaction = abortTransaction()
send-offsets-to-transaction = 컨슈머 { $consumer }의 오프셋으로 sendOffsetsToTransaction()
producer-down = 다운
producer-transaction = 트랜잭션
transaction-error = { $error }
transaction-version-1 = 트랜잭션 버전 1: 파티션에 보내기 전에 먼저 코디네이터에 그 파티션을 추가합니다.
transaction-version-2 = 트랜잭션 버전 2: 파티션에 쓰는 순간 트랜잭션에 들어가고, 끝날 때마다 epoch가 올라갑니다.
transaction-version-unknown = 클러스터의 트랜잭션 버전을 아직 묻지 않았습니다.
transaction-coordinator = 코디네이터는 브로커 { $node }입니다.
transaction-no-coordinator = 아직 코디네이터를 모릅니다.
transaction-of-application = 컨슈머 { $consumer }의 애플리케이션이 다룹니다. 읽고 처리하고 쓰고 커밋하는 일을 스스로 합니다.
links = 링크
cut-link = 끊기
heal-link = 복구
link-title = 링크: { $one } – { $other }
link-label = 링크 { $one } – { $other }: { $state }
link-works = 정상
link-cut = 끊김
link-cut-one-way = 한 방향 끊김
link-means = 끊긴 사실은 아무에게도 통보되지 않습니다. 보낸 것은 TCP에서처럼 대기하다가 다시 전송되며, 링크가 복구되거나 시간 초과로 포기할 때까지 계속됩니다.
cut-both = 양방향 끊기
cut-one-way = { $from } → { $to } 방향 끊기
on-this-link = 지금 이 링크에 있는 메시지
nothing-on-link = 오가는 메시지가 없습니다.
held = 대기 중
held-on-link = { $count }건 대기 중
produce = 레코드 보내기
producer-more = 성능 테스트, 닫기, 강제 종료 …
producer = 프로듀서
topic = 토픽
partition = 파티션
partition-by-key = 키로 결정
record-key = 키
record-value = 값
record-headers = 헤더
send = 보내기

## 로그

broker-choice = 브로커
role = 역할
flushed-to = flush 지점
log-of = { $partition }의 로그
segments = 세그먼트
active = 활성
size-bytes = { $bytes } B
recovery-point-means = recovery-point-offset-checkpoint에 적힌 값입니다. 비정상 종료 뒤에는 여기서부터 로그를 검사합니다.
flushed-means = 디스크에 확실히 있는 데까지입니다. 나머지는 page cache에만 있어서, 머신 전원이 나가면 사라집니다.
replicas-of = { $partition }의 replica(오프셋 축을 맞춰 표시)
epoch-cache = leader epoch 캐시
no-epochs = 기록된 epoch가 아직 없습니다.
from-offset = 오프셋 { $offset }부터
older-batches = 더 오래된 배치 { $count }개는 생략
empty-segment = 아직 배치가 없습니다.
flushed-batch = 디스크에 있음
page-cache-batch = page cache에만 있음
batch-flushed = { $position }바이트 위치 · 타임스탬프 { $time } · 디스크에 있음
batch-unflushed = { $position }바이트 위치 · 타임스탬프 { $time } · page cache에만 있음
index-entries = 인덱스: 오프셋 { $offsets }개, 타임스탬프 { $times }개
sparse-index = 희소 인덱스입니다. 배치가 index.interval.bytes만큼 쌓일 때마다 항목을 하나씩 적고, 찾을 때는 바로 아래 항목에서부터 훑어 갑니다.
no-index-entry = 아직 항목이 없습니다.
checkpoint-files = 체크포인트 파일
no-files = 아직 체크포인트 파일이 없습니다.
no-broker = 이 클러스터에는 브로커가 없습니다.

## 그룹

no-group = 아직 그룹을 아는 코디네이터가 없습니다. 컨슈머가 그룹에 참여할 때까지 ‘앞으로’를 누르세요.
no-group-no-consumer = 이 클러스터에는 컨슈머가 없어서 그룹도 없습니다. 컨슈머가 있는 새 클러스터를 만들거나(N) 요청 실험실에서 JoinGroup을 보내 보세요.
committed = 커밋
axis-committed = 커밋함
axis-read = 읽었지만 커밋하지 않음
axis-unread = 읽지 않음
axis-lso = LSO: read_committed가 멈추는 곳
axis-hw = HW
in-hand = { $who }{ JOSA($who, "은/는") } 처리하지 않은 레코드 { $count }건을 갖고 있습니다.
processed-title = 처리
processed-times = 오프셋 { $offset }: { $times }번

## 트랜잭션

no-transaction = 아직 transactional id를 아는 코디네이터가 없습니다. 요청 실험실에서 transactional id를 담아 InitProducerId를 보낸 다음, 받은 producer id로 Produce와 EndTxn을 보내 보세요.

## 프로듀서

producer-unassigned = { $records ->
    [0] 메타데이터나 메모리를 기다리는 레코드가 없습니다.
   *[other] 레코드 { $records }개가 기다립니다. 토픽의 파티션을 아직 모르거나 배치에 쓸 메모리가 없습니다.
 }
producer-memory = buffer.memory: { $total }바이트 중 { $available }바이트가 남았습니다.
producer-known-leaders = 프로듀서가 아는 리더
producer-identity = Producer id
producer-not-idempotent = enable.idempotence가 false입니다. 배치에 id와 sequence number가 없어서, 두 번 보낸 배치는 두 번 저장될 수 있습니다.
producer-id-line = id { $id }, epoch { $epoch }
producer-id-asked = 브로커에 id를 요청했습니다(InitProducerId). 배치는 id를 기다립니다.
producer-id-none = 아직 id가 없습니다. 보낼 것이 생기면 프로듀서가 요청합니다.
producer-last-acknowledged = 마지막 ack
producer-next-sequence = 다음 sequence
producer-callbacks = 콜백
producer-outcome-acknowledged = ack를 받은 레코드 { $records }개
producer-outcome-failed = 실패한 레코드 { $records }개
producer-batches = 끝나지 않은 배치
producer-no-batch = 기다리거나 전송 중인 배치가 없습니다.
producer-batch-lingers = linger 중({ $left })
producer-batch-ready = 전송 준비됨
producer-batch-backs-off = 재시도 대기({ $left })
producer-batch-in-flight = 브로커 { $node }{ JOSA($node, "으로/로") } 전송 중
producer-batch-line = 레코드 { $records }개, { $bytes }바이트, 전송 { $attempts }회
producer-batch-sequence = 첫 sequence { $sequence }
producer-batch-expires = { $left } 뒤 포기
ledger = 레코드마다 일어난 일
producer-batch-filled = batch.size에 대해 배치가 찬 정도
producer-settings = 레코드의 운명을 정하는 설정

## 파티셔닝

last-record = 마지막 레코드
no-record-yet = 아직 파티션을 고른 프로듀서가 없습니다. 레코드를 보내 보세요.
try-a-key = 키 넣어 보기
try-a-key-hint = user-1
topic-of = { $topic } · 파티션 { $count }개
key-bytes = 바이트(UTF-8)
bytes-count = { $count }바이트, 네 바이트씩
murmur2 = murmur2, 부호 있는 32비트 수
mask = & 0x7fffffff
mask-cleared = 부호 비트를 지웠습니다. 절댓값이 아닙니다.
mask-nothing = 부호 비트가 원래 0이었습니다.
modulo = 파티션 수로 나눈 나머지
by-application = 애플리케이션이 파티션을 직접 정했습니다. 계산한 것은 없습니다.
sticky-means = 키가 없으면 해시하지 않습니다. 프로듀서는 batch.size만큼의 바이트를 보낼 때까지 한 파티션에 머물다가 다음 파티션을 고릅니다(KIP-794).
round-robin-means = RoundRobinPartitioner는 키를 보지 않습니다. 레코드마다 리더가 있는 다음 파티션으로 보냅니다.
default-partitioner-means = Kafka 2.4 이전의 DefaultPartitioner입니다. 키가 없는 레코드를 리더가 있는 파티션에 하나씩 차례로 보냅니다.

## 설정

scope = 대상
scope-topic = 토픽 { $name }
scope-brokers = 모든 브로커(기본값)
scope-group = 그룹 { $name }
scope-network = 시뮬레이션한 네트워크
scope-pipeline = { $actor }의 요청 파이프라인
value-null = null

## 요청 실험실

lab-text = 아무 요청이나 아무 노드에, Kafka의 필드 이름 그대로 보냅니다. 노드는 클라이언트에게 하듯 응답합니다. ‘앞으로’를 눌러 요청을 진행시키세요.
lab-fill = 지금의 값으로 채우기
request = 요청
to = 받는 노드
listener = 리스너
request-body = 요청 본문
answer = 응답
waits-in-purgatory = 아직 응답이 없습니다. 요청이 purgatory에서 기다립니다.
answer-on-its-way = 아직 응답이 없습니다. 요청이나 응답이 전송 중입니다. ‘앞으로’를 누르세요.

## 새 클러스터

your-own = 직접 만들기
brokers = 브로커
controllers-of-quorum = 컨트롤러
controllers-where = 컨트롤러 배치
controllers-dedicated = 전용 프로세스
controllers-combined = 앞쪽 브로커와 같은 프로세스
partitions-of-orders = orders의 파티션
producers = 프로듀서
consumers = 컨슈머
seed = 시드
create-cluster = 클러스터 만들기
misfit-one-to = 1에서 { $bound } 사이여야 합니다
misfit-more-than-brokers = 브로커 수({ $bound })보다 많을 수 없습니다
misfit-more-controllers = 브로커 수({ $bound })보다 많을 수 없습니다
misfit-more-than-replicas = 복제 수({ $bound })보다 크면 acks=all 쓰기가 성공할 수 없습니다
misfit-at-most = 최대 { $bound }

## 파일

save-run = 이 실행 저장
save-run-text = 실행은 클러스터, 시드, 내린 명령이 전부입니다. 작은 JSON 파일 하나로 모든 스텝이 되살아납니다.
export = JSON 내려받기
open-run = 실행 열기
open-file = JSON 파일
paste-run = 링크나 JSON
open = 열기
file-unreadable = 파일을 읽을 수 없습니다.

## 키

keys = 할 수 있는 모든 것과 그 키
key-forward = 한 스텝 앞으로
key-back = 한 스텝 뒤로
key-play = 재생, 일시 정지
key-start = 처음으로
key-end = 알려진 미래의 끝으로
key-next-change = 다음 변화로
key-undo = 한 일 되돌리기
key-redo = 되돌린 일 다시 실행
key-runs = 실행과 갈래
key-micro = micro: 브로커 안의 단계까지, 모든 이벤트
key-message = message: 무언가를 바꾼 요청과 응답
key-milestone = milestone: 동료에게 말해 줄 만한 일
key-produce = 레코드 보내기
key-new-cluster = 새 클러스터
key-lessons = 레슨
key-files = 실행 저장과 열기
key-share = 이 스텝의 링크 복사
key-lang = 한국어 / English
key-theme = 밝은 테마, 어두운 테마
key-walk = 장면·탭 안에서 이전 항목, 다음 항목으로 이동
key-keys = 이 키 표
key-close = 닫기

## 타이머

timer-disk = 느린 디스크
timer-connection-setup = 연결 수립 제한 시간
timer-throttle = 스로틀링된 연결
timer-poll = 연결 점검
timer-send = 미뤄 둔 요청
timer-handler = 핸들러 스레드
timer-processor = 네트워크 스레드
timer-idle-connections = 유휴 연결
timer-request-timeout = 요청 시간 초과
timer-registration-timeout = 등록 시한
timer-broker-heartbeat = 브로커 하트비트
timer-metadata-fetch = 메타데이터 fetch 재시도
timer-replica-fetch = fetch 재시도
timer-isr-expiration = ISR 점검
timer-alter-partition = ISR 제안 재시도
timer-high-watermark-checkpoint = HW 체크포인트
timer-log-cleanup = 로그 정리
timer-purgatory = purgatory 대기 만료
timer-forward-retry = 컨트롤러 전달 재시도
timer-transaction-abort = 오래 열린 트랜잭션 확인
timer-transactional-id-expiration = 쓰이지 않는 transactional id 확인
timer-transaction-markers = 트랜잭션 마커 재시도
timer-add-partitions-to-txn-retry = 트랜잭션 코디네이터 재시도
timer-group-join = join 단계 끝
timer-group-session = 멤버 세션 만료
timer-group-rebalance = 멤버의 파티션 반납 기한
timer-group-member-join = 멤버의 재참여 기한
timer-group-member-sync = 멤버의 sync 기한
timer-group-regex = 구독 정규 표현식 해석
timer-offsets-expiration = 만료된 오프셋 확인
timer-election-timeout = 선출 제한 시간
timer-quorum-fetch-timeout = 메타데이터 로그 리더의 fetch 제한 시간
timer-check-quorum = 과반수가 아직 fetch하는지 점검
timer-begin-quorum-epoch = 누가 리더인지 voter에게 알림
timer-append-entries = voter에 하트비트 보내기
timer-quorum-retry = 응답하지 않은 voter에게 다시 요청
timer-voter-change = voter 변경 제한 시간
timer-snapshot-cleaning = 삭제할 수 있는 메타데이터 로그 스냅샷 확인
timer-controller-registration = 액티브 컨트롤러에 다시 등록
timer-controller-shutdown = 다른 리더를 더 기다리지 않고 종료
timer-controller-sessions = 브로커 세션 점검
timer-controller-balance = 선호 리더 점검
timer-controller-unclean = unclean 선출 점검
timer-producer-linger = linger.ms 끝
timer-perf-test = 성능 테스트
timer-producer-retry = 프로듀서 재시도
timer-client-metadata = 메타데이터 갱신
timer-application = 애플리케이션
timer-consumer-poll = 다음 poll
timer-consumer-heartbeat = 그룹 하트비트 시각
timer-consumer-auto-commit = 자동 커밋
timer-admin-retry = 어드민 클라이언트 재시도

## 레슨

lesson = 레슨
all-lessons = ← 모든 레슨
lesson-done = 이 레슨의 목표를 모두 이루었습니다. 클러스터를 마음대로 망가뜨려 보거나, 다음 레슨으로 넘어가세요.
lesson-next = 다음: { $title }
lesson-completed = 완료
lesson-continue = 이어서 하기
goals = 이 레슨의 목표
goals-count = 목표 { $goals }개 중 { $reached }개
goals-all = 목표를 모두 이루었습니다.
lessons-done = { $all }개 중 { $done }개 완료
lessons-order = 레슨 정렬
lessons-filter = 제목과 절에서 찾기
lessons-none = 맞는 레슨이나 절이 없습니다.
by-track = 트랙별
by-section = 문서의 절별
sections-covered = { $all }개 절 중 { $covered }개
not-yet = 아직 다루지 않음:
lesson-advance = 목표까지 진행
lesson-used = 실행함 · 다시 하기
lesson-look = ‘{ $tab }’ 보기
lesson-bar = 지금 할 일
answer-comes = 답을 적어 두었습니다. 결과를 정하는 스텝이 오면 알려 드립니다.
lesson-hint = 힌트
lesson-solve = 대신 풀어 주기
before-you-step = 넘기기 전에:
lessons-text = 레슨마다 자기 클러스터가 열립니다. 목표는 돌아가는 엔진에서 확인하고, 예측의 답은 엔진이 보여 줍니다.
connection-closed = 노드가 응답 없이 연결을 닫았습니다.

## 아직 일어나지 않은 일에 대해 묻는 말

ask-too-few-voters = 왜 컨트롤러가 없나요?
ask-leader-not-active = 새 컨트롤러는 왜 아직 결정하지 않나요?
ask-votes-missing = 왜 아직 선출되지 않았나요?
ask-election-lost = 이 후보는 왜 선출되지 않나요?
ask-election-timeout-runs = 왜 아직 아무도 표를 요청하지 않나요?
ask-fetch-timeout-runs = 왜 아직 아무도 표를 요청하지 않나요?
ask-vote-given-to-another = 투표는 왜 거절되었나요?
ask-vote-refused-for-log = 투표는 왜 거절되었나요?
ask-voter-has-leader = 투표는 왜 거절되었나요?
ask-voter-versions-awaited = 왜 아직 voter가 아닌가요?
ask-voters-not-committed = 왜 아직 voter가 바뀌지 않았나요?
ask-broker-fenced = 브로커는 왜 fenced 상태인가요?
ask-nobody-may-lead = 왜 이 파티션의 리더를 맡을 브로커가 없나요?
ask-high-watermark-waits = high watermark는 왜 아직 움직이지 않았나요?
ask-below-min-isr = high watermark는 왜 움직이지 않나요?
ask-follower-learns-later = 팔로워는 왜 아직 모르나요?
ask-produce-waits = 프로듀서는 왜 아직 ack를 받지 못했나요?
ask-consumer-threw = 컨슈머는 왜 아무것도 읽지 않나요?
ask-consumer-fatal = 컨슈머는 왜 다시 참여하지 않나요?
ask-consumer-waits = 컨슈머에게는 왜 아직 보이지 않나요?

invariants = 항상 지켜져야 하는 것
invariants-hold = 불변식이 모두 지켜짐
invariant-broken = 스텝 { $step }에서 깨짐
invariants-about = 스텝마다 클러스터 밖에서 검사합니다. 클러스터 안의 어떤 프로세스도 알 수 없는 것들입니다. 지금의 Kafka 방식에서는 하나도 깨지지 않고, 일부 옛 설정에서는 깨지며 그때의 스텝을 보여 줍니다.

# --- recordings of a real Kafka ---
real-kafka = 실제 Kafka
recording = 실제 Kafka의 기록
recordings-text = 실제 Apache Kafka를 실행하며 한 단계씩 기록한 것입니다. 엔진이 그대로 재생하고, 두 응답을 나란히 보여 줍니다. 제목과 필드 이름은 기록에 적힌 그대로입니다.
lessons-unfetched = 이 페이지가 있는 서버에서 레슨을 가져올 수 없습니다.
fetch-again = 다시 가져오기
lang-unfetched = 영어 문장을 가져오지 못해 한국어로 표시합니다. The English texts cannot be fetched, so the page is in Korean.
recordings-unfetched = 이 페이지가 있는 서버에서 기록을 가져올 수 없습니다.
recording-own = 직접 만든 기록 열기
recording-unplayed = 이 기록은 재생할 수 없습니다. 아직 엔진에 없는 것을 요구합니다.
recording-of = Apache Kafka { $version }
recording-agrees = { $facts }가지 일치
recording-differs = { $facts }가지 불일치
recording-unsaid = { $facts }가지 비교하지 않음
all-recordings = ← 모든 기록
kafka-answered = Kafka
engine-answered = 여기
answers-agree = 응답 일치
answers-differ = 응답 불일치
fetching = 불러오는 중 …
error-request-not-json = JSON이 아닙니다. { $line }번째 줄 { $column }번째 글자를 보세요.
error-recording-not-json = JSON이 아닙니다. { $line }번째 줄 { $column }번째 글자를 보세요.
error-recording-bad-field = 기록이 아닙니다. { $at } 값이 잘못되었습니다. 올바른 형식: { $expected }
not-compared = 비교하지 않음: 아직 엔진이 표현할 수 없는 것입니다.
answers-only-kafka = Kafka의 응답

# 설정 파일로 만드는 클러스터

## 쿼럼

broker-label = 브로커 { $id }
voter-actions = 다운, 일시 정지, 링크 끊기 …
vote-granted = 찬성
vote-refused = 거절
vote-open = 응답 없음
ago-ms = { $ms } ms 전
record-committed = 커밋됨
record-uncommitted = 커밋 여부를 아직 모름

# 콘솔
tab-console = 콘솔
console-intro = Kafka의 명령줄 도구로 지금 이 클러스터에 묻습니다. help 명령을 쓰면 있는 도구가 나옵니다.
console-label = 명령줄
console-run = 실행
console-waits = 요청을 보냈습니다. 응답은 다음 스텝에서 도착합니다.
