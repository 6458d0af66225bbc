module example.com/restorejobs/bench

go 1.25.0

require (
	example.com/restorejobs v0.0.0
	github.com/icholy/digest v1.2.0
	github.com/mongodb-forks/digest v1.1.0
	go.mongodb.org/atlas v0.38.0
	go.mongodb.org/atlas-sdk/v20241113004 v20241113004.0.0
	go.mongodb.org/ops-manager v0.63.0
)

require (
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	golang.org/x/oauth2 v0.36.0 // indirect
)

replace example.com/restorejobs => ../
