package restorejobs

import (
	"bytes"
	"encoding/json"
	"errors"

	"example.com/restorejobs/internal/jsondec"
)

// parseCollectionJob copies raw once. A value that is not an object is a job with only its raw
// text, so that one invalid entry does not fail a page.
func parseCollectionJob(raw []byte) (*CollectionJob, error) {
	job := &CollectionJob{raw: string(raw)}
	d := jsondec.NewShared(raw, job.raw)
	job.decode(&d)
	if err := d.End(); err != nil {
		return nil, err
	}
	return job, nil
}

// parseRestoredCollection is parseCollectionJob for one of its collections.
func parseRestoredCollection(raw []byte) (*RestoredCollection, error) {
	collection := &RestoredCollection{raw: string(raw)}
	d := jsondec.NewShared(raw, collection.raw)
	collection.decode(&d)
	if err := d.End(); err != nil {
		return nil, err
	}
	return collection, nil
}

// readCollectionJob is the entryReader of collection jobs.
func readCollectionJob(d *jsondec.Decoder) *CollectionJob {
	job, _ := parseCollectionJob(d.Raw()) // the decoder has the error of malformed text
	return job
}

// readRestoredCollection is the entryReader of the collections of a job.
func readRestoredCollection(d *jsondec.Decoder) *RestoredCollection {
	collection, _ := parseRestoredCollection(d.Raw()) // the decoder has the error of malformed text
	return collection
}

// decodeCollectionJob decodes a response with one job.
func decodeCollectionJob(body []byte) (*CollectionJob, error) {
	body, err := requireBody(body)
	if err != nil {
		return nil, err
	}
	body, e, err := unwrapEnvelope(body)
	if err != nil {
		return nil, err
	}
	if e.isEmpty() {
		return nil, errEmptyEnvelope
	}
	job, err := parseObject(body, func(raw []byte) (*CollectionJob, bool, error) {
		job, err := parseCollectionJob(raw)
		return job, false, err
	})
	if err == nil && job.ID == "" {
		return nil, errors.New("the body is not a collection restore job: it has no id")
	}
	return job, err
}

// decode has a line for each field of CollectionJob.
func (c *CollectionJob) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsondec.String(d, &c.ID)
		case "state":
			jsondec.String(d, &c.Status)
		case "errorMessage":
			jsondec.String(d, &c.ErrorMessage)
		case "createdAt":
			d.Time(&c.CreatedAt)
		case "finishedAt":
			d.Time(&c.FinishedAt)
		case "snapshotId":
			jsondec.String(d, &c.SnapshotID)
		case "oplogTs":
			jsondec.Int(d, &c.OplogTS)
		case "oplogInc":
			jsondec.Int(d, &c.OplogInc)
		case "pointInTimeUtcSeconds":
			jsondec.Int(d, &c.PointInTimeUTCSeconds)
		case "targetGroupId":
			jsondec.String(d, &c.TargetGroupID)
		case "targetClusterName":
			jsondec.String(d, &c.TargetClusterName)
		case "writeStrategy":
			jsondec.String(d, &c.WriteStrategy)
		case "indexStrategy":
			jsondec.String(d, &c.IndexStrategy)
		case "databases":
			c.Databases = decodeNamespaces(d)
		case "collections":
			c.Collections = decodeNamespaces(d)
		case "databaseSuffix":
			jsondec.String(d, &c.DatabaseSuffix)
		case "collectionSuffix":
			jsondec.String(d, &c.CollectionSuffix)
		case "restoredDocuments":
			jsondec.Int(d, &c.RestoredDocuments)
		case "totalDocuments":
			jsondec.Int(d, &c.TotalDocuments)
		case "indexStatus":
			c.IndexStatus.decode(d)
		default:
			d.Skip()
		}
	}
}

func (c *CollectionJobIndexStatus) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "state":
			jsondec.String(d, &c.State)
		case "failedCollectionCount":
			jsondec.Int(d, &c.FailedCollectionCount)
		default:
			d.Skip()
		}
	}
}

func (r *RestoredCollection) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "sourceNamespace":
			jsondec.String(d, &r.SourceNamespace)
		case "targetNamespace":
			jsondec.String(d, &r.TargetNamespace)
		case "effectiveTargetNamespace":
			jsondec.String(d, &r.EffectiveTargetNamespace)
		case "state":
			jsondec.String(d, &r.Status)
		case "restoredDocuments":
			jsondec.Int(d, &r.RestoredDocuments)
		case "totalDocuments":
			jsondec.Int(d, &r.TotalDocuments)
		case "indexStatus":
			r.IndexStatus.decode(d)
		default:
			d.Skip()
		}
	}
}

func (c *CollectionIndexStatus) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "state":
			jsondec.String(d, &c.State)
		case "errorMessage":
			jsondec.String(d, &c.ErrorMessage)
		case "failedIndexes":
			c.FailedIndexes = decodeRawList(d)
		default:
			d.Skip()
		}
	}
}

func decodeNamespaces(d *jsondec.Decoder) []RestoreNamespace {
	if !d.Array() {
		return nil
	}
	var elements listBuffer[RestoreNamespace]
	for d.More() {
		elements.next(d).decode(d)
	}
	return elements.list()
}

func (r *RestoreNamespace) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "sourceNamespace":
			jsondec.String(d, &r.Source)
		case "targetNamespace":
			jsondec.String(d, &r.Target)
		default:
			d.Skip()
		}
	}
}

func decodeRawList(d *jsondec.Decoder) []json.RawMessage {
	if !d.Array() {
		return nil
	}
	var elements listBuffer[json.RawMessage]
	for d.More() {
		*elements.next(d) = bytes.Clone(d.Raw())
	}
	return elements.list()
}

// UnmarshalJSON reads a job. A field of an unexpected type is zero; only data that are not a JSON
// object are an error. It does not retain data.
func (c *CollectionJob) UnmarshalJSON(data []byte) error {
	return unmarshalObject("a collection restore job", data, c, parseCollectionJob)
}

// MarshalJSON returns the JSON value that the job was read from. A job built by hand marshals its
// nonzero fields under the names of the API.
func (c CollectionJob) MarshalJSON() ([]byte, error) {
	if c.raw != "" {
		return []byte(c.raw), nil
	}
	type fields CollectionJob
	return json.Marshal(fields(c))
}

// UnmarshalJSON reads a collection. A field of an unexpected type is zero; only data that are not
// a JSON object are an error. It does not retain data.
func (r *RestoredCollection) UnmarshalJSON(data []byte) error {
	return unmarshalObject("a restored collection", data, r, parseRestoredCollection)
}

// MarshalJSON returns the JSON value that the collection was read from. One built by hand marshals
// its nonzero fields under the names of the API.
func (r RestoredCollection) MarshalJSON() ([]byte, error) {
	if r.raw != "" {
		return []byte(r.raw), nil
	}
	type fields RestoredCollection
	return json.Marshal(fields(r))
}
