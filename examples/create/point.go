package main

import (
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
)

// points has the flags for the restore point, of which one must be set.
type points struct{ snapshot, time, oplog, checkpoint *string }

func newPoints(flags *harness.Flags) *points {
	return &points{
		snapshot:   flags.String("snapshot", "", "restore this snapshot `ID`; go run ./examples/newest-snapshot finds one"),
		time:       flags.String("time", "", "restore to this point in `time`, as in 2026-11-21T20:00:00Z"),
		oplog:      flags.String("oplog", "", "restore to this oplog entry, `SECONDS:INCREMENT`: seconds since 1970"),
		checkpoint: flags.String("checkpoint", "", "restore this checkpoint `ID`"),
	}
}

// read returns the restore point, or the zero value if it is optional and missing.
func (p *points) read(optional bool) (restorejobs.RestorePoint, error) {
	given := 0
	for _, text := range []string{*p.snapshot, *p.time, *p.oplog, *p.checkpoint} {
		if text != "" {
			given++
		}
	}
	var none restorejobs.RestorePoint
	switch {
	case given > 1:
		return none, harness.Usage("only one of -snapshot, -time, -oplog and -checkpoint can be given")
	case *p.snapshot != "":
		return restorejobs.FromSnapshot(*p.snapshot), nil
	case *p.checkpoint != "":
		return restorejobs.FromCheckpoint(*p.checkpoint), nil
	case *p.time != "":
		at, err := time.Parse(time.RFC3339, *p.time)
		if err != nil {
			return none, harness.Usage("-time must be like 2026-11-21T20:00:00Z")
		}
		return restorejobs.FromPointInTime(at), nil
	case *p.oplog != "":
		return oplogEntry(*p.oplog)
	case !optional:
		return none, harness.Usage("-snapshot, -time, -oplog or -checkpoint is missing")
	}
	return none, nil
}

func oplogEntry(text string) (restorejobs.RestorePoint, error) {
	at, err := restorejobs.ParseTimestamp(text)
	if err != nil {
		return restorejobs.RestorePoint{}, harness.Usage("-oplog must be SECONDS:INCREMENT")
	}
	return restorejobs.FromOplog(at), nil
}
