package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// generation is the shape of a job.
type generation int

const (
	classic generation = iota // Cloud Manager, Ops Manager, MMS, Atlas legacy clusters
	atlasV2                   // Atlas clusters
	running                   // classic, not finished
	ended                     // classic, finished, with a file
)

func (g generation) String() string {
	if g == atlasV2 {
		return "Atlas v2"
	}
	return "classic"
}

const (
	projectID   = "5196d3628d022db4cbc26d9e"
	clusterID   = "5196e5b0e4b0fca9cc88334a"
	clusterName = "Cluster0"

	idLength   = 24
	shapes     = 16 // number of jobs that differ in status, times and links, before they repeat
	blank      = "************************"
	pageHead   = `{"links":[{"href":"https://cloud.mongodb.com/api/restoreJobs?pageNum=%d&itemsPerPage=%d","rel":"self"}`
	pageNext   = `,{"href":"https://cloud.mongodb.com/api/restoreJobs?pageNum=%d&itemsPerPage=%d","rel":"next"}`
	pageTail   = `],"totalCount":%d}`
	pageResult = `],"results":[`
)

// template is a job with placeholders for its id.
type template struct {
	text []byte
	ids  []int // offsets of the id
}

// templates has the jobs of each generation, of about 900 bytes each.
var templates = [...][shapes]template{
	classic: fill(classicJob),
	atlasV2: fill(cloudJob),
	running: fill(func(i int) string { return strings.Replace(classicJob(i), `"FINISHED"`, `"IN_PROGRESS"`, 1) }),
	ended:   fill(func(i int) string { return strings.Replace(classicJob(i), `"EXPIRED"`, `"READY"`, 1) }),
}

func fill(job func(i int) string) (all [shapes]template) {
	for i := range all {
		text := job(i)
		for from := 0; ; {
			at := strings.Index(text[from:], blank)
			if at < 0 {
				break
			}
			all[i].ids = append(all[i].ids, from+at)
			from += at + idLength
		}
		all[i].text = []byte(text)
	}
	return all
}

func stamp(i int) string {
	return time.Date(2025, 3, 1, 4, 0, 0, 0, time.UTC).Add(-time.Duration(i) * 7 * time.Hour).Format(time.RFC3339)
}

func classicJob(i int) string {
	state := "READY"
	hashes := ""
	if i%4 == 1 {
		state = "EXPIRED"
		hashes = fmt.Sprintf(`"hashes":[{"fileName":"rs%d-1740801600-%s.tar.gz","hash":"%040x","typeName":"SHA1"}],`, i, blank, 0xfeed+i)
	}
	return fmt.Sprintf(`{"batchId":"5d9b83a0c902fc2a1f5%05x","clusterId":%q,"created":%q,`+
		`"delivery":{"expirationHours":24,"expires":%q,"maxDownloads":10,"methodName":"HTTP","statusName":%q,`+
		`"url":"https://api-backup.mongodb.com/backup/restore/v2/pull/%s/OTQ0NWY5Y2YwMjk0NjFlMDU5YTFmNWRkNDYyMWVj/rs%d-1740801600-%s.tar.gz"},`+
		`"encryptionEnabled":false,"groupId":%q,%s"id":%q,`+
		`"links":[{"href":"https://cloud.mongodb.com/api/public/v1.0/groups/%s/clusters/%s/restoreJobs/%s","rel":"self"},`+
		`{"href":"https://cloud.mongodb.com/api/public/v1.0/groups/%s/clusters/%s","rel":"http://mms.mongodb.com/cluster"}],`+
		`"pointInTime":false,"snapshotId":"67c1a2b3e4b0774946a1%04x","statusName":"FINISHED",`+
		`"timestamp":{"date":%q,"increment":%d}}`,
		i, clusterID, stamp(i), stamp(i-3), state, blank, i, blank, projectID, hashes, blank,
		projectID, clusterID, blank, projectID, clusterID, i, stamp(i+1), i+1)
}

func cloudJob(i int) string {
	kind := `"deliveryType":"automated","deliveryUrl":[],"finishedAt":%q,"targetClusterName":"Restored%d","targetGroupId":"5d2bb1a9a6f23972e9c63c14",`
	delivery := fmt.Sprintf(kind, stamp(i), i)
	if i%2 == 1 {
		delivery = fmt.Sprintf(`"deliveryType":"download","deliveryUrl":["https://restore-%s.ljxf1b.mongodb.net:27017/aB12up63eFh16ZmBiQ9cUO5Q/restore-67c1a2b3e4b0774946a1%04x.tar.gz"],"expiresAt":%q,`, blank, i, stamp(i-1))
	}
	const group = "https://cloud.mongodb.com/api/atlas/v2/groups/"
	return fmt.Sprintf(`{"cancelled":false,%s"desiredTimestamp":{"date":null,"increment":null,"time":null},"expired":%t,"failed":false,"id":%q,`+
		`"links":[{"href":%q,"rel":"self"},{"href":%q,"rel":"https://cloud.mongodb.com/snapshot"},`+
		`{"href":%q,"rel":"https://cloud.mongodb.com/cluster"},{"href":%q,"rel":"https://cloud.mongodb.com/group"}],`+
		`"snapshotId":"67c1a2b3e4b0774946a1%04x","timestamp":%q}`,
		delivery, i%8 == 3, blank,
		group+projectID+"/clusters/"+clusterName+"/backup/restoreJobs/"+blank,
		group+projectID+"/clusters/"+clusterName+"/backup/snapshots/67c1a2b3e4b0774946a1"+fmt.Sprintf("%04x", i),
		group+projectID+"/clusters/"+clusterName, group+projectID, i, stamp(i+2))
}

// putID writes the unique id of job number i, which is the same in every run.
func putID(dst []byte, i int) {
	const digits = "0123456789abcdef"
	copy(dst, "67c1")
	mixed := uint64(i) * 0x9e3779b97f4a7c15
	for at := idLength - 1; at >= 12; at-- {
		dst[at] = digits[mixed&0xf]
		mixed >>= 4
	}
	rest := i
	for at := 11; at >= 4; at-- {
		dst[at] = digits[rest&0xf]
		rest >>= 4
	}
}

func jobID(i int) string {
	id := make([]byte, idLength)
	putID(id, i)
	return string(id)
}

// appendJob appends job number i.
func appendJob(dst []byte, g generation, i int) []byte {
	t := &templates[g][i%shapes]
	start := len(dst)
	dst = append(dst, t.text...)
	for _, at := range t.ids {
		putID(dst[start+at:], i)
	}
	return dst
}

// page is one page of a list, encoded while it is read, so that the server needs little memory.
type page struct {
	gen       generation
	next, end int // jobs
	tail      string
	chunk     []byte // at bytes of it were read
	at        int
	length    int64 // of the whole page
}

// newPage returns page number n, from 1, of a list of total jobs.
func newPage(g generation, n, size, total int) *page {
	p := &page{
		gen:  g,
		next: min((n-1)*size, total),
		end:  min(n*size, total),
	}
	p.chunk = fmt.Appendf(make([]byte, 0, 2048), pageHead, n, size)
	if p.end < total {
		p.chunk = fmt.Appendf(p.chunk, pageNext, n+1, size)
	}
	p.chunk = append(p.chunk, pageResult...)
	p.tail = fmt.Sprintf(pageTail, total)
	p.length = int64(len(p.chunk) + len(p.tail) + max(p.end-p.next-1, 0))
	for i := p.next; i < p.end; i++ {
		p.length += int64(len(templates[g][i%shapes].text))
	}
	return p
}

// Read implements [io.Reader].
func (p *page) Read(dst []byte) (n int, err error) {
	for n < len(dst) {
		if p.at == len(p.chunk) && !p.more() {
			return n, io.EOF
		}
		copied := copy(dst[n:], p.chunk[p.at:])
		p.at += copied
		n += copied
	}
	return n, nil
}

// more encodes the next job or the tail, and reports false at the end.
func (p *page) more() bool {
	p.chunk = p.chunk[:0]
	p.at = 0
	switch {
	case p.next < p.end:
		p.chunk = appendJob(p.chunk, p.gen, p.next)
		if p.next++; p.next < p.end {
			p.chunk = append(p.chunk, ',')
		}
		return true
	case p.tail != "":
		p.chunk = append(p.chunk, p.tail...)
		p.tail = ""
		return true
	}
	return false
}

// bytes encodes the whole page.
func (p *page) bytes() []byte {
	var b bytes.Buffer
	b.Grow(int(p.length) + bytes.MinRead)
	_, _ = b.ReadFrom(p) // a page cannot fail
	return b.Bytes()
}
