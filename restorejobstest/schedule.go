package restorejobstest

import (
	"encoding/json"
	"math"
	"net/http"
	"time"
)

const (
	// snapshotInterval is the interval of the hourly policy item of Atlas.
	snapshotInterval = 6 * time.Hour
	// restoreWindowDays is the window of a new schedule of Atlas.
	restoreWindowDays = 7
)

// scheduleEndpoints returns the paths of the backup schedules of Atlas.
func scheduleEndpoints() []endpoint {
	var all []endpoint
	for _, scope := range []Scope{AtlasV1Cluster, AtlasV2Cluster} {
		spec := scope.spec()
		end := spec.endpoint("schedule", map[string]operation{http.MethodGet: {handle: (*Server).getSchedule}})
		if spec.basePath == v2Base {
			end.versions = []string{clusters2023January, clusters2024}
			end.ends = map[string]deprecation{clusters2023January: endOf2023Versions}
		}
		all = append(all, end)
	}
	return all
}

func (s *Server) getSchedule(req *request) (*response, *apiError) {
	res := req.route.resource
	if s.clusterNow(res)["backupEnabled"] == false {
		return nil, newAPIError(http.StatusNotFound, "BACKUP_CONFIG_NOT_FOUND",
			"No backup configuration exists for cluster "+res.id()+" in group "+res.project+".", res.id(), res.project)
	}
	doc := s.scheduleDocument(res)
	if req.version == clusters2024 {
		doc["autoCopySettingsEnabled"] = false
	}
	group := req.origin + res.basePath + "/groups/" + res.project
	doc["links"] = []any{
		linkDocument("self", group+"/clusters/"+res.name+"/backup/schedule"),
		linkDocument("https://cloud.mongodb.com/group", group),
	}
	return s.jsonResponse(req, http.StatusOK, doc), nil
}

// clusterNow returns the current document of a cluster of Atlas, in its newest version.
func (s *Server) clusterNow(res *resource) map[string]any {
	return s.renderAtlas(res, clusters2024, s.origin)
}

func (s *Server) scheduleDocument(res *resource) map[string]any {
	doc := map[string]any{
		"autoExportEnabled":      false,
		"clusterId":              res.id(),
		"clusterName":            res.name,
		"copyPolicyItemsEnabled": false,
		"copySettings":           []any{},
		"nextSnapshot":           formatISO(s.now().Truncate(snapshotInterval).Add(snapshotInterval)),
		"policies": []any{map[string]any{
			"id": derivedID(res.id(), "policy"),
			"policyItems": []any{
				policyItem(res, "hourly", int(snapshotInterval.Hours()), "days", restoreWindowDays),
				policyItem(res, "daily", 1, "days", restoreWindowDays),
			},
		}},
		"referenceHourOfDay":                0,
		"referenceMinuteOfHour":             0,
		"restoreWindowDays":                 restoreWindowDays,
		"useOrgAndGroupNamesInExportPrefix": false,
	}
	res.applyEdits(scheduleDocument, doc)
	return doc
}

func policyItem(res *resource, frequency string, interval int, unit string, retention int) map[string]any {
	return map[string]any{
		"id":                derivedID(res.id(), frequency),
		"frequencyType":     frequency,
		"frequencyInterval": interval,
		"retentionUnit":     unit,
		"retentionValue":    retention,
	}
}

// windowDays reads the window of a schedule that a test may have edited.
func (s *Server) windowDays(res *resource) float64 {
	encoded, err := json.Marshal(s.scheduleDocument(res)["restoreWindowDays"])
	if err != nil {
		return math.NaN()
	}
	var days float64
	if json.Unmarshal(encoded, &days) != nil {
		return math.NaN()
	}
	return days
}
