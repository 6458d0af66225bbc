package restorejobs

import "time"

// progressEvery bounds how often one file reports.
const progressEvery = 250 * time.Millisecond

// progressGate lets one report through at a time.
type progressGate struct {
	tell func(Progress)
	turn chan struct{} // holds one token; unlike a mutex, waiting for it can be seen by testing/synctest
}

func newProgressGate(tell func(Progress)) *progressGate {
	return &progressGate{tell: tell, turn: make(chan struct{}, 1)}
}

// meter follows one file. It is used by one goroutine.
type meter struct {
	gate *progressGate
	seen Progress
	last time.Time
}

func (d *download) meter(file *wanted) *meter {
	return &meter{gate: d.gate, seen: Progress{File: file.name, ReplicaSet: file.link.ReplicaSet, Total: -1}}
}

// begin says how far the file is before the next byte comes.
func (m *meter) begin(bytes, total int64) {
	m.seen.Bytes, m.seen.Total, m.seen.Resumed = bytes, total, min(bytes, m.seen.Resumed)
	m.report()
}

// resume says how much an earlier call has left.
func (m *meter) resume(bytes, total int64) {
	m.seen.Resumed = bytes
	m.begin(bytes, total)
}

// add counts bytes as they come.
func (m *meter) add(n int64) {
	m.seen.Bytes += n
	if m.gate.tell != nil && time.Since(m.last) >= progressEvery {
		m.report()
	}
}

// end says that the file is in place.
func (m *meter) end(size int64) {
	m.seen.Bytes, m.seen.Total, m.seen.Done = size, size, true
	m.report()
}

func (m *meter) report() {
	if m.gate.tell == nil {
		return
	}
	m.gate.turn <- struct{}{}
	defer func() { <-m.gate.turn }()
	m.gate.tell(m.seen)
	m.last = time.Now()
}
