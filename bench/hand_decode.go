package main

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// The decoder of the yardstick copies the text of a job once, and its strings are parts of that
// copy. It knows the fields of both generations and skips all others.

// handRestore has the fields of both generations.
type handRestore struct {
	id, batch, group, cluster, snapshot, status      string
	method, deliveryStatus, url, kind                string
	targetCluster, targetGroup, targetItem           string
	created, expires, finished, expiresAt, timestamp time.Time
	increment, hours, downloads                      int64
	pointInTime, encrypted                           bool
	cancelled, expired, failed                       bool
	urls                                             []string
	hashes                                           []handHash
	components                                       []handComponent
	links                                            []handLink
}

type (
	handHash      struct{ kind, file, hash string }
	handComponent struct{ name, url string }
	handLink      struct{ rel, href string }
)

type handPage struct {
	next  bool
	total int
}

var errHand = errors.New("unexpected JSON")

// handJob decodes a job.
func handJob(g generation, body []byte) (deliveredJob, error) {
	job := new(handRestore)
	s := handScan{text: string(body)}
	s.job(g, job)
	return deliveredJob{id: job.id, job: job}, s.err
}

// decodeHandPage decodes a page.
func decodeHandPage(g generation, body []byte, each func(deliveredJob)) (page handPage, err error) {
	head := strings.Index(string(body[:min(len(body), 1024)]), `"results":[`)
	if head < 0 {
		return page, errHand
	}
	page.next = strings.Contains(string(body[:head]), `"rel":"next"`)
	at := head + len(`"results":[`)
	for at < len(body) && body[at] == '{' {
		end := at + handEnd(body[at:])
		job := new(handRestore)
		s := handScan{text: string(body[at:end])}
		s.job(g, job)
		if s.err != nil {
			return page, s.err
		}
		each(deliveredJob{id: job.id, job: job})
		at = end
		if at < len(body) && body[at] == ',' {
			at++
		}
	}
	tail := string(body[at:])
	number, ok := strings.CutPrefix(tail, `],"totalCount":`)
	if !ok {
		return page, errHand
	}
	page.total, err = strconv.Atoi(strings.TrimSuffix(number, "}"))
	return page, err
}

// handEnd returns the length of the object at the start of a text.
func handEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func (s *handScan) job(g generation, job *handRestore) {
	if g == atlasV2 {
		s.object(func(name string) { s.cloud(job, name) })
		return
	}
	s.object(func(name string) { s.classic(job, name) })
}

func (s *handScan) classic(job *handRestore, name string) {
	switch name {
	case "id":
		job.id = s.str()
	case "batchId":
		job.batch = s.str()
	case "groupId":
		job.group = s.str()
	case "clusterId":
		job.cluster = s.str()
	case "snapshotId":
		job.snapshot = s.str()
	case "statusName":
		job.status = s.str()
	case "created":
		job.created = s.time()
	case "pointInTime":
		job.pointInTime = s.word() == "true"
	case "encryptionEnabled":
		job.encrypted = s.word() == "true"
	case "timestamp":
		s.object(func(name string) {
			switch name {
			case "date":
				job.timestamp = s.time()
			case "increment":
				job.increment = s.number()
			default:
				s.skip()
			}
		})
	case "delivery":
		s.object(func(name string) { s.delivery(job, name) })
	case "hashes":
		job.hashes = make([]handHash, 0, s.elements())
		s.array(func() {
			var h handHash
			s.object(func(name string) {
				switch name {
				case "typeName":
					h.kind = s.str()
				case "fileName":
					h.file = s.str()
				case "hash":
					h.hash = s.str()
				default:
					s.skip()
				}
			})
			job.hashes = append(job.hashes, h)
		})
	case "links":
		s.links(job)
	default:
		s.skip()
	}
}

func (s *handScan) delivery(job *handRestore, name string) {
	switch name {
	case "methodName":
		job.method = s.str()
	case "statusName":
		job.deliveryStatus = s.str()
	case "url":
		job.url = s.str()
	case "expires":
		job.expires = s.time()
	case "expirationHours":
		job.hours = s.number()
	case "maxDownloads":
		job.downloads = s.number()
	default:
		s.skip()
	}
}

func (s *handScan) cloud(job *handRestore, name string) {
	switch name {
	case "id":
		job.id = s.str()
	case "snapshotId":
		job.snapshot = s.str()
	case "deliveryType":
		job.kind = s.str()
	case "targetClusterName":
		job.targetCluster = s.str()
	case "targetGroupId":
		job.targetGroup = s.str()
	case "targetDeploymentItemName":
		job.targetItem = s.str()
	case "cancelled":
		job.cancelled = s.word() == "true"
	case "expired":
		job.expired = s.word() == "true"
	case "failed":
		job.failed = s.word() == "true"
	case "finishedAt":
		job.finished = s.time()
	case "expiresAt":
		job.expiresAt = s.time()
	case "timestamp":
		job.timestamp = s.time()
	case "deliveryUrl":
		job.urls = make([]string, 0, s.elements())
		s.array(func() { job.urls = append(job.urls, s.str()) })
	case "components":
		job.components = make([]handComponent, 0, s.elements())
		s.array(func() {
			var c handComponent
			s.object(func(name string) {
				switch name {
				case "replicaSetName":
					c.name = s.str()
				case "downloadUrl":
					c.url = s.str()
				default:
					s.skip()
				}
			})
			job.components = append(job.components, c)
		})
	case "links":
		s.links(job)
	default:
		s.skip()
	}
}

func (s *handScan) links(job *handRestore) {
	job.links = make([]handLink, 0, 4)
	s.array(func() {
		var l handLink
		s.object(func(name string) {
			switch name {
			case "rel":
				l.rel = s.str()
			case "href":
				l.href = s.str()
			default:
				s.skip()
			}
		})
		job.links = append(job.links, l)
	})
}
