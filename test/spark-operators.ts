/**
 * Spark's operators and what stands for each here. The names are those of Spark 4.3.0: the public methods of `RDD`, of what Scala adds to
 * RDDs of pairs, numbers and ordered keys, and of `SparkContext`, in Scala and in Python. Left out are Scala's plumbing (class tags,
 * implicit conversions, logging) and what only the code of Spark may call.
 */

/** A class of Spark's, and the names that it has in each language. */
export interface Api {
  readonly title: string
  readonly scala: readonly string[]
  readonly python: readonly string[]
  /** What has another name here, by its name in Spark. */
  readonly renamed: Readonly<Record<string, string>>
  /** Why there is no counterpart: a reason and the names for which it holds. */
  readonly absent: readonly (readonly [reason: string, names: readonly string[]])[]
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const RDD: Api = {
  title: 'RDD and Dataset',
  scala: words(`
    ++ aggregate barrier cache cartesian checkpoint cleanShuffleDependencies coalesce collect context count countApprox countApproxDistinct
    countByValue countByValueApprox dependencies distinct filter first flatMap fold foreach foreachPartition getCheckpointFile
    getNumPartitions getResourceProfile getStorageLevel glom groupBy id intersection isCheckpointed isEmpty iterator keyBy localCheckpoint
    map mapPartitions mapPartitionsWithEvaluator mapPartitionsWithIndex max min name partitioner partitions persist pipe preferredLocations
    randomSplit reduce repartition sample saveAsObjectFile saveAsTextFile setName sortBy sparkContext subtract take takeOrdered takeSample
    toDebugString toJavaRDD toLocalIterator top treeAggregate treeReduce union unpersist withResources zip zipPartitions
    zipPartitionsWithEvaluator zipWithIndex zipWithUniqueId
    aggregateByKey cogroup collectAsMap combineByKey combineByKeyWithClassTag countApproxDistinctByKey countByKey countByKeyApprox
    flatMapValues foldByKey fullOuterJoin groupByKey groupWith join keys leftOuterJoin lookup mapValues partitionBy reduceByKey
    reduceByKeyLocally rightOuterJoin sampleByKey sampleByKeyExact saveAsHadoopDataset saveAsHadoopFile saveAsNewAPIHadoopDataset
    saveAsNewAPIHadoopFile subtractByKey values
    filterByRange repartitionAndSortWithinPartitions sortByKey
    histogram mean meanApprox popStdev popVariance sampleStdev sampleVariance stats stdev sum sumApprox variance
    saveAsSequenceFile
    collectAsync countAsync foreachAsync foreachPartitionAsync takeAsync`),
  python: words(`
    aggregate aggregateByKey barrier cache cartesian checkpoint cleanShuffleDependencies coalesce cogroup collect collectAsMap
    collectWithJobGroup combineByKey context count countApprox countApproxDistinct countByKey countByValue distinct filter first flatMap
    flatMapValues fold foldByKey foreach foreachPartition fullOuterJoin getCheckpointFile getNumPartitions getResourceProfile getStorageLevel
    glom groupBy groupByKey groupWith histogram id intersection isCheckpointed isEmpty isLocallyCheckpointed join keyBy keys leftOuterJoin
    localCheckpoint lookup map mapPartitions mapPartitionsWithIndex mapPartitionsWithSplit mapValues max mean meanApprox min name partitionBy
    persist pipe randomSplit reduce reduceByKey reduceByKeyLocally repartition repartitionAndSortWithinPartitions rightOuterJoin sample
    sampleByKey sampleStdev sampleVariance saveAsHadoopDataset saveAsHadoopFile saveAsNewAPIHadoopDataset saveAsNewAPIHadoopFile
    saveAsPickleFile saveAsSequenceFile saveAsTextFile setName sortBy sortByKey stats stdev subtract subtractByKey sum sumApprox take
    takeOrdered takeSample toDF toDebugString toLocalIterator top treeAggregate treeReduce union unpersist values variance withResources zip
    zipWithIndex zipWithUniqueId`),
  renamed: {
    '++': 'union',
    collectAsync: 'collect',
    combineByKeyWithClassTag: 'combineByKey',
    countAsync: 'count',
    foreach: 'forEach',
    foreachAsync: 'forEach',
    foreachPartition: 'forEachPartition',
    foreachPartitionAsync: 'forEachPartition',
    mapPartitionsWithSplit: 'mapPartitionsWithIndex',
    popStdev: 'stdev',
    popVariance: 'variance',
    sparkContext: 'context',
    takeAsync: 'take',
  },
  absent: [
    [
      'An answer is exact, or its action is cancelled by an `AbortSignal`. `sample` first for a quick guess.',
      words('countApprox countByValueApprox countByKeyApprox meanApprox sumApprox'),
    ],
    ['`distinct` and then `countByKey` is exact; there is no sketch for each key.', ['countApproxDistinctByKey']],
    ['Tasks that must all run at once are for programs that talk to each other across a cluster.', ['barrier']],
    ['Files of shuffles are the engine’s own; none outlives its context.', ['cleanShuffleDependencies']],
    [
      '`explain` and `toDebugString` show the plan; a partition is run by an action only.',
      words('dependencies iterator partitions preferredLocations'),
    ],
    ['An `AbortSignal` given to several actions cancels them together.', ['collectWithJobGroup']],
    ['Where a checkpoint lies is the engine’s own; `isCheckpointed` says that it is there.', ['getCheckpointFile']],
    ['`isCheckpointed` says so for both kinds of checkpoint.', ['isLocallyCheckpointed']],
    [
      'All workers are alike: there are none with more memory or a GPU to ask for.',
      words('getResourceProfile withResources'),
    ],
    ['It is the level that the program gave to `persist`.', ['getStorageLevel']],
    [
      'For JVM classes that hold state. A function given to `mapPartitions` opens what it needs.',
      words('mapPartitionsWithEvaluator zipPartitionsWithEvaluator'),
    ],
    ['`a.glom().zip(b.glom())` pairs whole partitions.', ['zipPartitions']],
    ['`filter` on the key gives the same rows.', ['filterByRange']],
    ['`sampleByKey` has the rates on average, in one pass instead of two.', ['sampleByKeyExact']],
    [
      'Formats of Java classes of Hadoop. Text, JSON lines, CSV and Parquet are read by others, too.',
      words('saveAsHadoopDataset saveAsHadoopFile saveAsNewAPIHadoopDataset saveAsNewAPIHadoopFile saveAsSequenceFile'),
    ],
    ['Java’s and Python’s own formats, which nobody else reads.', words('saveAsObjectFile saveAsPickleFile')],
    ['There are no data frames: rows are values of JavaScript.', ['toDF']],
    ['There is one language.', ['toJavaRDD']],
  ],
}

const SPARK_CONTEXT: Api = {
  title: 'SparkContext and Context',
  scala: words(`
    addArchive addFile addJar addJobTag addJobTags addSparkListener appName applicationAttemptId applicationId archives binaryFiles
    binaryRecords broadcast cancelAllJobs cancelJob cancelJobGroup cancelJobGroupAndFutureJobs cancelJobsWithTag cancelStage clearCallSite
    clearJobGroup clearJobTags collectionAccumulator defaultMinPartitions defaultParallelism deployMode doubleAccumulator emptyRDD files
    getAllPools getCheckpointDir getConf getExecutorMemoryStatus getJobTags getLocalProperty getOrCreate getPersistentRDDs getPoolForName
    getRDDStorageInfo getReadOnlyConf getSchedulingMode hadoopConfiguration hadoopFile hadoopRDD isLocal isStopped jars killExecutor
    killExecutors killTaskAttempt listArchives listFiles listJars longAccumulator makeRDD master newAPIHadoopFile newAPIHadoopRDD objectFile
    parallelize range register removeJobTag removeJobTags removeSparkListener requestExecutors requestTotalExecutors resources
    runApproximateJob runJob sequenceFile setCallSite setCheckpointDir setInterruptOnCancel setJobDescription setJobGroup setLocalProperty
    setLogLevel sparkUser startTime statusTracker stop submitJob textFile uiWebUrl union version wholeTextFiles`),
  python: words(`
    accumulator addArchive addFile addJobTag addPyFile applicationId binaryFiles binaryRecords broadcast cancelAllJobs cancelJobGroup
    cancelJobsWithTag clearJobTags defaultMinPartitions defaultParallelism dump_profiles emptyRDD getCheckpointDir getConf getJobTags
    getLocalProperty getOrCreate getSystemProperty hadoopFile hadoopRDD listArchives listFiles newAPIHadoopFile newAPIHadoopRDD parallelize
    pickleFile range removeJobTag resources runJob sequenceFile setCheckpointDir setInterruptOnCancel setJobDescription setJobGroup
    setLocalProperty setLogLevel setSystemProperty show_profiles sparkUser startTime statusTracker stop textFile uiWebUrl union version
    wholeTextFiles`),
  renamed: {
    addSparkListener: 'on',
    collectionAccumulator: 'accumulator',
    doubleAccumulator: 'accumulator',
    emptyRDD: 'empty',
    longAccumulator: 'accumulator',
    makeRDD: 'parallelize',
    removeSparkListener: 'on',
  },
  absent: [
    [
      'An `AbortSignal` given to actions cancels them, one or many.',
      words(`addJobTag addJobTags cancelAllJobs cancelJob cancelJobGroup cancelJobGroupAndFutureJobs cancelJobsWithTag cancelStage
        clearJobGroup clearJobTags getJobTags killTaskAttempt removeJobTag removeJobTags setInterruptOnCancel setJobGroup`),
    ],
    [
      'Workers are on this machine: they read its disk, and functions bring their modules along.',
      words('addArchive addFile addJar addPyFile archives files jars listArchives listFiles listJars'),
    ],
    [
      'There is no application around a context: it is what `createContext` was given.',
      words(`appName applicationAttemptId applicationId deployMode getConf getReadOnlyConf getSystemProperty isLocal master setSystemProperty
        sparkUser startTime version`),
    ],
    ['Not built yet: `parallelize` the paths, and read each file in a function.', words('binaryFiles binaryRecords')],
    [
      'Places are found by themselves; `setName` names a dataset.',
      words('clearCallSite setCallSite setJobDescription'),
    ],
    [
      'Files are cut by their size and the number of workers; `minPartitions` of `textFile` asks for more.',
      ['defaultMinPartitions'],
    ],
    ['`node --cpu-prof` profiles functions where `master` is `inline`.', words('dump_profiles show_profiles')],
    [
      'There are no pools: the jobs of a context take turns, task by task.',
      words('getAllPools getLocalProperty getPoolForName getSchedulingMode setLocalProperty'),
    ],
    ['It is the directory that the program gave to `setCheckpointDir`.', ['getCheckpointDir']],
    [
      'As many workers as `master` says, on one machine, all alike.',
      words('getExecutorMemoryStatus killExecutor killExecutors requestExecutors requestTotalExecutors resources'),
    ],
    ['`createContext` makes one; `defaultContext()` of the module is the one that scripts share.', ['getOrCreate']],
    ['The program holds the datasets that it persists.', words('getPersistentRDDs getRDDStorageInfo')],
    [
      'Formats of Java classes of Hadoop. Text, JSON lines, CSV and Parquet are read.',
      words('hadoopConfiguration hadoopFile hadoopRDD newAPIHadoopFile newAPIHadoopRDD sequenceFile'),
    ],
    ['Actions of a stopped context reject, and say so.', ['isStopped']],
    ['Java’s and Python’s own formats, which nobody else reads.', words('objectFile pickleFile')],
    ['The driver runs no code of yours: gather a list, and combine it after the action.', ['register']],
    ['An answer is exact, or its action is cancelled by an `AbortSignal`.', ['runApproximateJob']],
    ['`mapPartitions` and an action say the same; every action gives a promise.', words('runJob submitJob')],
    ['There is no log: `on` tells what happens.', words('setLogLevel statusTracker')],
    ['The core has no web server: one reads the events of `on`.', ['uiWebUrl']],
  ],
}

export const APIS: readonly Api[] = [RDD, SPARK_CONTEXT]
